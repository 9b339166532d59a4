//go:build linux

package oracle

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// An answer is what a call of the daemon's XML-RPC came back with.
type answer struct {
	value any    // string, int, bool, float64, []any or members
	fault bool   // value is the fault's struct
	text  string // why there is none: an HTTP status, a broken connection
}

// A member is one entry of a struct; their order is kept.
type member struct {
	name  string
	value any
}

// call sends one request over the unix socket. It is written out by hand so that
// neither side's own client has a say.
func (r *Run) call(method string, args ...any) answer {
	var body strings.Builder
	fmt.Fprintf(&body, "<?xml version='1.0'?>\n<methodCall>\n<methodName>%s</methodName>\n<params>\n", method)
	for _, arg := range args {
		body.WriteString("<param>\n")
		r.encode(&body, arg)
		body.WriteString("</param>\n")
	}
	body.WriteString("</params>\n</methodCall>\n")

	response, err := r.client().Post("http://localhost/RPC2", "text/xml", strings.NewReader(body.String()))
	if err != nil {
		return answer{text: "no answer"}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{text: "broken answer"}
	}
	if response.StatusCode != http.StatusOK {
		return answer{text: "HTTP " + response.Status}
	}
	return decode(text)
}

// client talks HTTP to the run's unix socket, one connection for each request.
func (r *Run) client() *http.Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", r.path("s.sock"))
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}, Timeout: patience}
}

// encode writes a value as XML-RPC.
func (r *Run) encode(w *strings.Builder, value any) {
	switch v := value.(type) {
	case string:
		var text bytes.Buffer
		_ = xml.EscapeText(&text, []byte(r.expand(v))) // a Buffer never fails
		fmt.Fprintf(w, "<value><string>%s</string></value>\n", text.String())
	case int:
		fmt.Fprintf(w, "<value><int>%d</int></value>\n", v)
	case float64:
		fmt.Fprintf(w, "<value><double>%v</double></value>\n", v)
	case bool:
		n := 0
		if v {
			n = 1
		}
		fmt.Fprintf(w, "<value><boolean>%d</boolean></value>\n", n)
	default:
		r.giveUp("cannot send a %T", value)
	}
}

// decode reads a response.
func decode(text []byte) answer {
	d := xml.NewDecoder(bytes.NewReader(text))
	fault := false
	for {
		token, err := d.Token()
		if err != nil {
			return answer{text: "not XML-RPC: " + string(text)}
		}
		start, ok := token.(xml.StartElement)
		switch {
		case ok && start.Name.Local == "fault":
			fault = true
		case ok && start.Name.Local == "value":
			value, err := decodeValue(d)
			if err != nil {
				return answer{text: "not XML-RPC: " + string(text)}
			}
			return answer{value: value, fault: fault}
		}
	}
}

// decodeValue reads the inside of a <value> and its end.
func decodeValue(d *xml.Decoder) (any, error) {
	var text strings.Builder
	var value any
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			value, err = decodeTyped(d, t.Name.Local)
			if err != nil {
				return nil, err
			}
		case xml.EndElement:
			if value == nil {
				return text.String(), nil
			}
			return value, nil
		}
	}
}

// decodeTyped reads the inside of a typed element and its end.
func decodeTyped(d *xml.Decoder, kind string) (any, error) {
	switch kind {
	case "array", "struct":
		return decodeList(d, kind)
	}
	var text string
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.CharData:
			text += string(t)
		case xml.EndElement:
			switch kind {
			case "int", "i4":
				return strconv.Atoi(text)
			case "boolean":
				return text == "1", nil
			case "double":
				return strconv.ParseFloat(text, 64)
			}
			return text, nil
		}
	}
}

// decodeList reads the inside of an array or a struct and its end.
func decodeList(d *xml.Decoder, kind string) (any, error) {
	list, members, name := []any{}, []member{}, ""
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "name":
				if err := d.DecodeElement(&name, &t); err != nil {
					return nil, err
				}
			case "value":
				value, err := decodeValue(d)
				if err != nil {
					return nil, err
				}
				list = append(list, value)
				members = append(members, member{name, value})
			}
		case xml.EndElement:
			switch {
			case t.Name.Local == "array":
				return list, nil
			case t.Name.Local == "struct":
				return members, nil
			}
		}
	}
}

// String shows an answer in one line; numbers that no two runs share are masked
// by the name of their member.
func (a answer) String() string {
	switch {
	case a.text != "":
		return a.text
	case a.fault:
		return fmt.Sprintf("fault %v %q", field(a.value, "faultCode"), field(a.value, "faultString"))
	}
	return show(a.value)
}

// field finds a member of a struct; nil when there is none.
func field(value any, name string) any {
	members, _ := value.([]member)
	for _, m := range members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// show writes a value.
func show(value any) string {
	var parts []string
	completed := false
	switch v := value.(type) {
	case string:
		return strconv.Quote(v)
	case []any:
		for _, item := range v {
			parts = append(parts, show(item))
			if field(item, "status") != nil {
				completed = true
			}
		}
		if completed { // results come as the processes get done, which is a race
			slices.Sort(parts)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []member:
		for _, m := range v {
			parts = append(parts, m.name+": "+shownMember(m))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(value)
}

// shownMember writes a member's value, times and pids as words unless they are
// zero, which means never and none.
func shownMember(m member) string {
	if n, ok := m.value.(int); ok && n != 0 {
		switch m.name {
		case "start", "stop", "now":
			return "TIME"
		case "pid":
			return "PID"
		}
	}
	return show(m.value)
}
