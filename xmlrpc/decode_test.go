package xmlrpc

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// supervisorLoads reads each document with the reader of Python's supervisord and
// answers with a JSON text of what it found, or with "error".
const supervisorLoads = `
import json, sys, datetime, math
from supervisor.xmlrpc import supervisor_xmlrpc_handler
handler = supervisor_xmlrpc_handler(None, [])
def plain(v):
    if isinstance(v, bool) or v is None: return v
    if isinstance(v, int): return 'int ' + str(v)
    if isinstance(v, float): return 'double ' + repr(v)
    if isinstance(v, str): return 'string ' + v
    if isinstance(v, datetime.datetime): return 'time ' + v.strftime('%Y%m%dT%H:%M:%S')
    if isinstance(v, (list, tuple)): return [plain(x) for x in v]
    if isinstance(v, dict): return [[k, plain(x)] for k, x in v.items()]
    raise Exception(v)
answers = []
for doc in json.load(sys.stdin):
    try:
        params, method = handler.loads(doc)
        answers.append(json.dumps([method or '', plain(params or ())]))
    except Exception:
        answers.append('error')
json.dump(answers, sys.stdout)
`

// plainJSON writes what a Decoder found as the script above does.
func plainJSON(t *testing.T, call *Call) string {
	t.Helper()
	var plain func(v any) any
	plain = func(v any) any {
		switch v := v.(type) {
		case nil, bool:
			return v
		case int:
			return "int " + strconv.Itoa(v)
		case float64:
			return "double " + string(appendFloat(nil, v))
		case string:
			return "string " + v
		case time.Time:
			return "time " + v.Format(timeFormat)
		case []any:
			list := []any{}
			for _, e := range v {
				list = append(list, plain(e))
			}
			return list
		case Struct:
			list := []any{}
			for _, m := range v {
				list = append(list, []any{m.Name, plain(m.Value)})
			}
			return list
		}
		t.Fatalf("unexpected %T", v)
		return nil
	}
	out, err := json.Marshal([]any{call.Method, plain(call.Params)})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// sameJSON compares two JSON texts by their meaning.
func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

var valuesInTheWild = []string{
	"<int>5</int>", "<i4>-5</i4>", "<int> 7 </int>", "<int>x</int>", "<int></int>", "<int/>", "<int>+3</int>", "<int>5.0</int>", "<i8>5</i8>",
	"<boolean>1</boolean>", "<boolean>0</boolean>", "<boolean>true</boolean>", "<boolean> 1 </boolean>", "<boolean/>",
	"<string>text</string>", "<string/>", "<string> s </string>", "bare", "", "  spaces  ", "\n", "<string>a&amp;b&lt;&gt;&quot;&apos;</string>",
	"<string>&#65;&#x41;&#x20AC;</string>", "<string>&#0;</string>", "<string>&#xFFFE;</string>", "<string>&#xD800;</string>", "<string>&#x110000;</string>", "<string>&#;</string>", "<string>&#x;</string>",
	"<string>&nope;</string>", "<string>& </string>", "<string>&amp</string>", "<string>a<![CDATA[<b>&amp;]]>c</string>", "<string><![CDATA[]]></string>", "<string><![CDATA[x</string>",
	"<string>a<!-- c -->b</string>", "<string>a<!-- -- -->b</string>", "<string>a<!---->b</string>", "<string>a<!--->b</string>", "<string>a<?pi x?>b</string>", "<string>a<?pi?>b</string>", "<string>a<?xml x?>b</string>",
	"<string>]]></string>", "<string>]]&gt;</string>", "<string>\r\na\rb\n</string>", "<string>\x01</string>", "<string>\uFFFF</string>", "<string>\u0085\u2028ä€\U0001F600</string>",
	"<string>a<b>x</b>c</string>", "text<b>x</b>c", "<string><int>5</int></string>", "<value><int>5</int></value>", "<value/>",
	"<double>1.5</double>", "<double> -1e3 </double>", "<double>nan</double>", "<double>inf</double>", "<double>-Infinity</double>", "<double>1e999</double>", "<double>0x10</double>", "<double>x</double>", "<double/>", "<double>5</double>",
	"<dateTime.iso8601>20260102T03:04:05</dateTime.iso8601>", "<dateTime.iso8601>2026-01-02T03:04:05</dateTime.iso8601>", "<dateTime.iso8601>20261302T03:04:05</dateTime.iso8601>", "<dateTime.iso8601/>", "<dateTime.iso8601>20260230T03:04:05</dateTime.iso8601>",
	"<base64>aGVsbG8=</base64>", "<base64>/w==</base64>", "<base64>!!!</base64>", "<base64/>", "<base64>aGVs\nbG8=</base64>", "<base64>aGVsbG8</base64>", "<base64>a</base64>", "<base64>a=GVsbG8=</base64>", "<base64>aGVsbG8=aGVsbG8=</base64>", "<base64>=aGk=</base64>",
	"<array><data/></array>", "<array/>", "<array><data></data></array>", "<array><data><value>1</value><value><int>2</int></value></data></array>", "<array><data><int>5</int><value>6</value></data></array>",
	"<array><value>5</value></array>", "<array>x<data/></array>", "<data><value>1</value></data>", "<array><data><value/></data><data/></array>",
	"<struct/>", "<struct></struct>", "<struct>x</struct>", "<struct><member><name>a</name><value>1</value></member></struct>",
	"<struct><member><name>a</name><value>1</value></member><member><name>b</name><value>2</value></member><member><name>a</name><value>3</value></member></struct>",
	"<struct>\n<member> <name>a</name> <value>1</value> </member>\n</struct>", "<struct><x><y>b</y><z>3</z></x></struct>", "<struct><member><name/><value>1</value></member></struct>",
	"<struct><member><name>a</name></member></struct>", "<struct><member/></struct>", "<struct><member><name>a</name><value>1</value><value>2</value></member></struct>",
	"<struct><member><value>1</value><name>a</name></member></struct>", "<struct><member><name>a</name><name>b</name></member></struct>", "<struct><member><name> a </name><int>1</int></member></struct>",
	"<struct><member><name>a&amp;b<!-- x -->c</name><value>1</value></member></struct>", "<struct><a/></struct>", "<struct><member><name><int>5</int></name><value>1</value></member></struct>",
	"<struct><member><name>s</name><value><struct><member><name>t</name><value><array><data><value>u</value></data></array></value></member></struct></value></member></struct>",
	"<nil/>", "<nil>x</nil>", "<foo/>", "<foo> x </foo>", "<i1>1</i1>", "<float>1.5</float>", "<biginteger>5</biginteger>", "<name>n</name>", "<name><value>5</value></name>", "<member><name>a</name><value>1</value></member>",
	"<param><value>9</value></param>", "<params><value>2</value></params>", "<methodName>zz</methodName>",
	"<value><value>a</value><value>b</value></value>", "<int>5<b/></int>", "<int>5</int", "<int>5</i4>", "</int>", "<int >5</int >", "<int a='1'>5</int>", "<int a='1' a='2'>5</int>", "<int a=1>5</int>", "<int a='1'b='2'>5</int>", "<int a='<'>5</int>", "<int a='&amp;'>5</int>", "<int a='&foo;'>5</int>", "<int a>5</int>", "<int\n>5</int>", "< int>5</int>", "<int>5</ int>", "<1nt>5</1nt>", "<é>5</é>",
}

var documentsInTheWild = []string{
	"", " ", "junk", "<methodCall/>", "<methodCall><methodName/></methodCall>", "<a><methodName>m</methodName></a>", "<methodName>m</methodName>",
	"<a><methodName> m </methodName></a>", "<a><methodName>m</methodName><params/></a>", "<a><methodName>m</methodName><params><param/></params></a>",
	"<a><methodName>m</methodName><params><value>5</value><int>6</int></params></a>", "<a><methodName>m</methodName><params><param><value>1</value></param></params><params/></a>",
	"<?xml version='1.0'?><a><methodName>m</methodName></a>", "<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes'?>\n<a><methodName>m</methodName></a>\n", " <?xml version='1.0'?><a><methodName>m</methodName></a>",
	"\n<a><methodName>m</methodName></a>", "\uFEFF<a><methodName>m</methodName></a>", "\uFEFF<?xml version='1.0'?><a><methodName>m</methodName></a>", "<?xml version='1.0'?><?xml version='1.0'?><a/>",
	"<?xml?><a/>", "<?xml version='1.0' ><a/>", "<?xml encoding='utf-8'?><a/>", "<?xml version='1.0' foo='x'?><a/>", "<?xmlfoo x?><a><methodName>m</methodName></a>",
	"<a><methodName>m</methodName></a>trailing", "<a><methodName>m</methodName></a><b/>", "<a><methodName>m</methodName></a><!-- fine --><?fine?>\n", "<a><methodName>m</methodName>", "<a", "<a>", "<", "<a><", "<a></", "<!", "<!-", "<a><!x></a>", "<a/>", "<a/ >",
	"<!DOCTYPE a><a><methodName>m</methodName></a>", "<!DOCTYPE a SYSTEM 'x>y'><a><methodName>m</methodName></a>", "<!DOCTYPE a [<!ELEMENT a ANY><!-- ' --><?p '?>]><a><methodName>m</methodName></a>", "<a><!DOCTYPE a></a>", "<!DOCTYPE a", "<!DOCTYPE><a/>",
	"<?xml version='1.0' encoding='iso-8859-1'?><a><methodName>ä</methodName></a>", "<![CDATA[x]]><a/>", "<a><![CDATA[x]]><methodName>m</methodName></a>", "&amp;<a/>",
	"<a><b><c><d/></c></b><methodName>m</methodName></a>", "<a><methodName>m<x/>y</methodName></a>", "<a><methodName>m</methodName><methodName>n</methodName></a>",
}

func TestClassicReaderFindsWhatPythonsSupervisordFinds(t *testing.T) {
	documents := documentsInTheWild
	for _, v := range valuesInTheWild {
		documents = append(documents, "<methodCall><methodName>m</methodName><params><param><value>"+v+"</value></param></params></methodCall>")
	}
	classic := Decoder{Classic: true}
	for i, theirs := range python(t, supervisorLoads, documents) {
		ours := "error"
		if call, err := classic.Call([]byte(documents[i])); err == nil {
			ours = plainJSON(t, call)
		}
		if ours != theirs && !sameJSON(ours, theirs) {
			t.Errorf("%q:\nPython %s\nours   %s", documents[i], theirs, ours)
		}
	}
}

// Where the classic reader and Python's part on purpose.
func TestClassicReaderRefusesWhatOnlyPythonCanUse(t *testing.T) {
	classic := Decoder{Classic: true}
	for _, doc := range []string{
		"<!DOCTYPE a [<!ENTITY x 'y'>]><a><methodName>&x;</methodName></a>",                        // no entity is expanded
		"<a><methodName>m</methodName><params><int>99999999999999999999</int></params></a>",        // beyond 64 bits
		"<a><methodName>m\xff</methodName></a>",                                                    // not UTF-8
		"<a><struct><member><int>5</int><value>1</value></member></struct></a>",                    // a name that is a number
		"<a><methodName>m</methodName><params><value><int>1_0</int></value></params></a>",          // Python's underscores
		strings.Repeat("<array><data>", 200) + "<value/>" + strings.Repeat("</data></array>", 200), // depth
		"<a" + attributes(100) + "/>",                                                              // attributes
	} {
		if call, err := classic.Call([]byte(doc)); err == nil {
			t.Errorf("%.80q is read as %v", doc, call)
		}
	}
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d=''", i)
	}
	return b.String()
}

func TestModernTypesAreReadUnlessClassic(t *testing.T) {
	for _, c := range []struct {
		in   string
		want any
	}{
		{"<i8>5000000000</i8>", 5000000000},
		{"<nil/>", nil},
		{"<ex:nil/>", nil},
		{"<float>1.5</float>", 1.5},
		{"<base64>/w==</base64>", []byte{0xff}},
		{"<dateTime.iso8601>20260102T03:04:05</dateTime.iso8601>", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{"<dateTime.iso8601>2026-01-02T03:04:05</dateTime.iso8601>", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{"<dateTime.iso8601> 20260102T03:04:05Z\n</dateTime.iso8601>", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{"<dateTime.iso8601>2026-01-02T03:04:05.250+01:00</dateTime.iso8601>", time.Date(2026, 1, 2, 2, 4, 5, 250e6, time.UTC)},
	} {
		got, err := DecodeResponse([]byte("<methodResponse><params><param><value>" + c.in + "</value></param></params></methodResponse>"))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s is read as %#v (%v), want %#v", c.in, got, err, c.want)
		}
	}
}

func TestDeclaredCharsetsAreRead(t *testing.T) {
	utf16 := func(s string) string {
		out := []byte{0xFF, 0xFE}
		for _, r := range s {
			out = append(out, byte(r), byte(r>>8))
		}
		return string(out)
	}
	for _, doc := range []string{
		"<?xml version='1.0' encoding='ISO-8859-1'?><a><methodName>\xe4</methodName></a>",
		"<?xml version='1.0' encoding=\"latin1\"?><a><methodName>\xe4</methodName></a>",
		"<?xml version='1.0' encoding='windows-1252'?><a><methodName>\xe4</methodName></a>",
		"<?xml version='1.0' encoding='UTF-8'?><a><methodName>\u00e4</methodName></a>",
		utf16("<?xml version='1.0' encoding='UTF-16'?><a><methodName>\u00e4</methodName></a>"),
	} {
		call, err := DecodeCall([]byte(doc))
		if err != nil || call.Method != "\u00e4" {
			t.Errorf("%q: %+v, %v", doc, call, err)
		}
	}
	if _, err := DecodeCall([]byte("<?xml version='1.0' encoding='EBCDIC'?><a/>")); err == nil {
		t.Error("an unknown encoding is accepted")
	}
}

func TestFaultAnswersAreFaults(t *testing.T) {
	_, err := DecodeResponse(AppendFault(nil, 10, "BAD_NAME: <x>"))
	fault, ok := err.(*Fault)
	if !ok || *fault != (Fault{Code: 10, Text: "BAD_NAME: <x>"}) {
		t.Fatalf("got %#v", err)
	}
	for _, doc := range []string{
		"<methodResponse/>", "<methodResponse><params/></methodResponse>", "<methodResponse><fault><value>x</value></fault></methodResponse>",
	} {
		if v, err := DecodeResponse([]byte(doc)); err == nil {
			t.Errorf("%s is read as %v", doc, v)
		}
	}
}

func TestLimitsHold(t *testing.T) {
	deep := func(n int) []byte {
		return []byte("<a>" + strings.Repeat("<value><array><data>", n) + strings.Repeat("</data></array></value>", n) + "</a>")
	}
	wide := []byte("<a>" + strings.Repeat("<b/>", 1000) + "</a>")
	for _, c := range []struct {
		name string
		d    Decoder
		doc  []byte
		want string
	}{
		{"shallow", Decoder{}, deep(50), ""},
		{"deep", Decoder{}, deep(100), "too deep"},
		{"hundred thousand arrays", Decoder{}, deep(100_000), "too deep"},
		{"elements", Decoder{MaxElements: 1001}, wide, ""},
		{"too many elements", Decoder{MaxElements: 1000}, wide, "too many elements"},
		{"bytes", Decoder{MaxBytes: len(wide)}, wide, ""},
		{"too many bytes", Decoder{MaxBytes: len(wide) - 1}, wide, "too long"},
	} {
		_, err := c.d.Call(c.doc)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// sameContent compares what two readers found; doubles that are no number are
// equal here.
func sameContent(a, b content) bool {
	return reflect.DeepEqual(a, b) || fmt.Sprintf("%#v %v", a, a.fault) == fmt.Sprintf("%#v %v", b, b.fault)
}

// checkQuick lets the quick reader and the thorough one read the same document.
func checkQuick(t *testing.T, d Decoder, doc string) (quickly bool) {
	t.Helper()
	q := quick{doc: doc, left: d.elements(), maxDepth: d.depth(), classic: d.Classic}
	fast, ok := q.document(nil)
	if !ok {
		return false
	}
	slow, err := d.readThoroughly(doc)
	if err != nil || !sameContent(fast, slow) {
		t.Errorf("%.2000q is read quickly as\n%#v\nand thoroughly as\n%#v (%v)", doc, fast, slow, err)
	}
	return true
}

func TestQuickReaderFindsWhatTheThoroughOneFinds(t *testing.T) {
	documents := documentsInTheWild
	for _, v := range valuesInTheWild {
		for _, form := range []string{
			"<methodCall><methodName>m</methodName><params><param><value>%s</value></param></params></methodCall>",
			"<methodResponse><params>\n<param><value>\n%s </value></param></params></methodResponse>",
			"<methodResponse><params><param><value><array><data><value>%s</value></data></array></value></param></params></methodResponse>",
			"<methodResponse><params><param><value><struct><member><name>a</name><value>%[1]s</value></member><member><name>a</name><value>%[1]s</value></member></struct></value></param></params></methodResponse>",
			"<methodResponse><fault><value><struct><member><name>faultCode</name><value>%s</value></member></struct></value></fault></methodResponse>",
		} {
			documents = append(documents, fmt.Sprintf(form, v))
		}
	}
	quickly := 0
	for _, doc := range documents {
		for _, d := range []Decoder{{}, {Classic: true}, {MaxDepth: 6}, {MaxElements: 6}, {MaxDepth: 1}} {
			if checkQuick(t, d, doc) {
				quickly++
			}
		}
	}
	if quickly < 100 {
		t.Errorf("only %d documents were read quickly", quickly)
	}
}

func TestWhatWeWriteIsReadQuickly(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		call, err := AppendCall(nil, "a.method", randomValue(random, 4), nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := AppendResponse(nil, randomValue(random, 4))
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range [][]byte{call, response, AppendFault(nil, 1, randomString(random))} {
			if !checkQuick(t, Decoder{}, string(doc)) {
				t.Errorf("%q is not read quickly", doc)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, doc := range documentsInTheWild {
		f.Add([]byte(doc))
	}
	for _, v := range valuesInTheWild {
		f.Add([]byte("<methodCall><methodName>m</methodName><params><param><value>" + v + "</value></param></params></methodCall>"))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		for _, d := range []Decoder{{}, {Classic: true}} {
			checkQuick(t, d, string(doc))
			call, err := d.Call(doc)
			if err != nil {
				continue
			}
			again, err := AppendCall(nil, call.Method, call.Params...)
			if err != nil {
				t.Fatalf("%q was read as %#v, which cannot be written: %v", doc, call, err)
			}
			if _, err := DecodeCall(again); err != nil {
				t.Fatalf("%q was read, written as %q, and cannot be read: %v", doc, again, err)
			}
		}
	})
}

// Answers are read into whatever the caller has: nothing that a server sends may
// break that, and typed and generic reading tell the same.
func FuzzResponse(f *testing.F) {
	for _, v := range valuesInTheWild {
		f.Add([]byte("<methodResponse><params><param><value>" + v + "</value></param></params></methodResponse>"))
	}
	process, err := AppendResponse(nil, thousandProcesses()[:2])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(process)
	f.Add(AppendFault(nil, 10, "BAD_NAME"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		value, err := DecodeResponse(doc)
		for _, into := range []func() any{
			func() any { return new(any) }, func() any { return new(string) }, func() any { return new(int8) }, func() any { return new([]string) },
			func() any { return new([]processInfo) }, func() any { return new([]*processInfo) }, func() any { return new(map[string]any) }, func() any { return new(Struct) },
			func() any { return new([]uint16) }, func() any { return new([]byte) }, func() any { return new(time.Time) }, func() any { return new(*float32) }, func() any { return new(bool) },
		} {
			read, assigned := into(), into()
			readErr := new(Decoder).ResponseInto(doc, read)
			if err != nil {
				if readErr == nil || readErr.Error() != err.Error() {
					t.Fatalf("%q into %T: %v, without a type %v", doc, read, readErr, err)
				}
				continue
			}
			assignErr := Unmarshal(value, assigned)
			if fmt.Sprint(readErr) != fmt.Sprint(assignErr) {
				t.Fatalf("%q into %T: %v, by way of a value %v", doc, read, readErr, assignErr)
			}
			if readErr == nil && !reflect.DeepEqual(read, assigned) && !strings.Contains(string(doc), "double") {
				t.Fatalf("%q into %T: %#v, by way of a value %#v", doc, read, read, assigned)
			}
		}
		if err != nil {
			return
		}
		again, err := AppendResponse(nil, value)
		if err != nil {
			t.Fatalf("%q was read as %#v, which cannot be written: %v", doc, value, err)
		}
		if _, err := DecodeResponse(again); err != nil {
			t.Fatalf("%q was read, written as %q, and cannot be read: %v", doc, again, err)
		}
	})
}
