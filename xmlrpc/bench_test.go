package xmlrpc

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A processInfo is what supervisord tells of a process: the measure of this
// library is a list of a thousand of them.
type processInfo struct {
	Name          string `xmlrpc:"name"`
	Group         string `xmlrpc:"group"`
	Start         int    `xmlrpc:"start"`
	Stop          int    `xmlrpc:"stop"`
	Now           int    `xmlrpc:"now"`
	State         int    `xmlrpc:"state"`
	StateName     string `xmlrpc:"statename"`
	SpawnErr      string `xmlrpc:"spawnerr"`
	ExitStatus    int    `xmlrpc:"exitstatus"`
	Logfile       string `xmlrpc:"logfile"`
	StdoutLogfile string `xmlrpc:"stdout_logfile"`
	StderrLogfile string `xmlrpc:"stderr_logfile"`
	PID           int    `xmlrpc:"pid"`
	Description   string `xmlrpc:"description"`
}

// A selfWritten is one that writes itself.
type selfWritten []processInfo

func (l selfWritten) AppendXMLRPC(dst []byte) []byte {
	dst = OpenArray(dst)
	for i := range l {
		p := &l[i]
		dst = OpenStruct(dst)
		dst = AppendStringMember(dst, "name", p.Name)
		dst = AppendStringMember(dst, "group", p.Group)
		dst = AppendIntMember(dst, "start", int64(p.Start))
		dst = AppendIntMember(dst, "stop", int64(p.Stop))
		dst = AppendIntMember(dst, "now", int64(p.Now))
		dst = AppendIntMember(dst, "state", int64(p.State))
		dst = AppendStringMember(dst, "statename", p.StateName)
		dst = AppendStringMember(dst, "spawnerr", p.SpawnErr)
		dst = AppendIntMember(dst, "exitstatus", int64(p.ExitStatus))
		dst = AppendStringMember(dst, "logfile", p.Logfile)
		dst = AppendStringMember(dst, "stdout_logfile", p.StdoutLogfile)
		dst = AppendStringMember(dst, "stderr_logfile", p.StderrLogfile)
		dst = AppendIntMember(dst, "pid", int64(p.PID))
		dst = AppendStringMember(dst, "description", p.Description)
		dst = CloseStruct(dst)
	}
	return CloseArray(dst)
}

func thousandProcesses() []processInfo {
	list := make([]processInfo, 1000)
	for i := range list {
		name := fmt.Sprintf("worker_%03d", i)
		log := "/var/log/supervisor/" + name + "-stdout---supervisor-x1y2z3.log"
		list[i] = processInfo{
			Name: name, Group: fmt.Sprintf("group%d", i/10), Start: 1700000000 + i, Now: 1700090000, State: 20, StateName: "RUNNING",
			Logfile: log, StdoutLogfile: log, StderrLogfile: "/var/log/supervisor/" + name + "-stderr.log",
			PID: 10000 + i, Description: fmt.Sprintf("pid %d, uptime 1 day, 1:00:%02d", 10000+i, i%60),
		}
	}
	return list
}

// thousandResponse is the answer that lists them.
func thousandResponse(tb testing.TB) []byte {
	tb.Helper()
	doc, err := AppendResponse(nil, thousandProcesses())
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

func TestThreeWaysToWriteAndReadAreOne(t *testing.T) {
	doc := thousandResponse(t)
	value, err := DecodeResponse(doc)
	if err != nil {
		t.Fatal(err)
	}
	var typed []processInfo
	if err := new(Decoder).ResponseInto(doc, &typed); err != nil || !reflect.DeepEqual(typed, thousandProcesses()) {
		t.Errorf("typed: %v", err)
	}
	var assigned []processInfo
	if err := Unmarshal(value, &assigned); err != nil || !reflect.DeepEqual(assigned, typed) {
		t.Errorf("assigned: %v", err)
	}
	for _, v := range []any{value, selfWritten(typed)} {
		if again, err := AppendResponse(nil, v); err != nil || string(again) != string(doc) {
			t.Errorf("%T is written otherwise (%v)", v, err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	doc := thousandResponse(b)
	each := func(name string, decode func() error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if err := decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	each("typed", func() error { var l []processInfo; return new(Decoder).ResponseInto(doc, &l) })
	each("generic", func() error { _, err := DecodeResponse(doc); return err })
	each("thorough", func() error { _, err := new(Decoder).readThoroughly(string(doc)); return err })
	each("encoding-xml", func() error { return xml.Unmarshal(doc, new(xmlResponse)) })
}

func BenchmarkEncode(b *testing.B) {
	list := thousandProcesses()
	doc := thousandResponse(b)
	value, err := DecodeResponse(doc)
	if err != nil {
		b.Fatal(err)
	}
	var mirror xmlResponse
	if err := xml.Unmarshal(doc, &mirror); err != nil {
		b.Fatal(err)
	}
	buffer := make([]byte, 0, 2*len(doc))
	each := func(name string, encode func() error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if err := encode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	each("appender", func() error { _, err := AppendResponse(buffer, selfWritten(list)); return err })
	each("typed", func() error { _, err := AppendResponse(buffer, list); return err })
	each("generic", func() error { _, err := AppendResponse(buffer, value); return err })
	each("encoding-xml", func() error { _, err := xml.Marshal(&mirror); return err })
}

// BenchmarkServe answers the smallest of calls.
func BenchmarkServe(b *testing.B) {
	request, err := AppendCall(nil, "add", 2, 3)
	if err != nil {
		b.Fatal(err)
	}
	s := new(Server)
	s.HandleFunc("add", func(x, y int) int { return x + y })
	b.ReportAllocs()
	for b.Loop() {
		s.Serve(context.Background(), request)
	}
}

// The same document for encoding/xml.
type (
	xmlResponse struct {
		XMLName xml.Name   `xml:"methodResponse"`
		Values  []xmlValue `xml:"params>param>value"`
	}
	xmlValue struct {
		String  *string     `xml:"string"`
		Int     *int        `xml:"int"`
		Array   []xmlValue  `xml:"array>data>value"`
		Members []xmlMember `xml:"struct>member"`
	}
	xmlMember struct {
		Name  string   `xml:"name"`
		Value xmlValue `xml:"value"`
	}
)

// pythonsTurn is a process that reads or writes the document when it is told to,
// and says how long that took: one line in, one line out.
const pythonsTurn = `
import base64, sys, time, xmlrpc.client as x
doc = base64.b64decode(sys.stdin.readline())
value, _ = x.loads(doc)
for line in sys.stdin:
    begin = time.perf_counter()
    x.loads(doc) if line == 'loads\n' else x.dumps(value, methodresponse=True)
    print(int((time.perf_counter() - begin) * 1e9), flush=True)
`

// BenchmarkBesidePython lets Python and us take turns in the same minute, and tells
// how many times faster our best turn was than Python's best.
func BenchmarkBesidePython(b *testing.B) {
	doc := thousandResponse(b)
	list := thousandProcesses()
	value, err := DecodeResponse(doc)
	if err != nil {
		b.Fatal(err)
	}
	ask := startPython(b, doc)
	buffer := make([]byte, 0, 2*len(doc))
	each := func(name, order string, ours func() error) {
		b.Run(name, func(b *testing.B) {
			theirsBest, oursBest := time.Hour, time.Hour
			for b.Loop() {
				for range 20 {
					begin := time.Now()
					if err := ours(); err != nil {
						b.Fatal(err)
					}
					oursBest = min(oursBest, time.Since(begin))
				}
				b.StopTimer()
				theirsBest = min(theirsBest, ask(order))
				b.StartTimer()
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(theirsBest.Microseconds()), "python-µs")
			b.ReportMetric(float64(oursBest.Microseconds()), "ours-µs")
			b.ReportMetric(float64(theirsBest)/float64(oursBest), "×")
		})
	}
	each("decode/typed", "loads", func() error { var l []processInfo; return new(Decoder).ResponseInto(doc, &l) })
	each("decode/generic", "loads", func() error { _, err := DecodeResponse(doc); return err })
	each("encode/appender", "dumps", func() error { _, err := AppendResponse(buffer, selfWritten(list)); return err })
	each("encode/typed", "dumps", func() error { _, err := AppendResponse(buffer, list); return err })
	each("encode/generic", "dumps", func() error { _, err := AppendResponse(buffer, value); return err })
}

func startPython(b *testing.B, doc []byte) (ask func(order string) time.Duration) {
	b.Helper()
	cmd := exec.Command("/usr/bin/python3", "-c", pythonsTurn)
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	fmt.Fprintln(in, base64.StdEncoding.EncodeToString(doc))
	answers := bufio.NewReader(out)
	return func(order string) time.Duration {
		if _, err := io.WriteString(in, order+"\n"); err != nil {
			b.Fatal(err)
		}
		line, err := answers.ReadString('\n')
		if err != nil {
			b.Fatal(err)
		}
		n, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			b.Fatal(err)
		}
		return time.Duration(n)
	}
}
