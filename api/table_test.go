package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/rpc"
	"github.com/sirdar-project/sirdar/supervisortest"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

func serve(sup sirdar.Supervisor) *rpc.Server {
	return rpc.New(nil, rpc.Namespace{Name: "supervisor", Table: api.Table(sup)})
}

// The signatures of Supervisor 4.2.5, as its system.methodSignature tells them.
const signatures = `
addProcessGroup boolean string
clearAllProcessLogs array
clearLog boolean
clearProcessLog boolean string
clearProcessLogs boolean string
getAPIVersion string
getAllConfigInfo array
getAllProcessInfo array
getIdentification string
getPID int
getProcessInfo struct string
getState struct
getSupervisorVersion string
getVersion string
readLog string int int
readMainLog string int int
readProcessLog string string int int
readProcessStderrLog string string int int
readProcessStdoutLog string string int int
reloadConfig array
removeProcessGroup boolean string
restart boolean
sendProcessStdin boolean string string
sendRemoteCommEvent boolean string string
shutdown boolean
signalAllProcesses array string
signalProcess boolean string string
signalProcessGroup array string string
startAllProcesses array boolean
startProcess boolean string boolean
startProcessGroup array string boolean
stopAllProcesses array boolean
stopProcess boolean string boolean
stopProcessGroup array string boolean
tailProcessLog array string int int
tailProcessStderrLog array string int int
tailProcessStdoutLog array string int int
`

func TestTheTableHasSupervisorsMethods(t *testing.T) {
	var lines []string
	for _, m := range api.Table(supervisortest.NewFake()) {
		lines = append(lines, m.Name+" "+strings.Join(m.Signature, " "))
		if len(m.Help) < 20 || !strings.Contains(m.Help, "@return "+m.Signature[0]+" ") {
			t.Errorf("help of %s: %q", m.Name, m.Help)
		}
		for _, param := range m.Signature[1:] {
			if !strings.Contains(m.Help, "@param "+param+" ") {
				t.Errorf("help of %s tells of no %s: %q", m.Name, param, m.Help)
			}
		}
		if writes := !strings.HasPrefix(m.Name, "get") && !strings.HasPrefix(m.Name, "read") && !strings.HasPrefix(m.Name, "tail"); writes != (m.Access != rpc.Read) {
			t.Errorf("%s has access %s", m.Name, m.Access)
		}
	}
	slices.Sort(lines)
	if got := "\n" + strings.Join(lines, "\n") + "\n"; got != signatures {
		t.Errorf("the table is\n%s", got)
	}
}

func TestTheStockFactoryIsRegistered(t *testing.T) {
	f, err := rpc.Resolve("supervisor", "supervisor.rpcinterface:make_main_rpcinterface")
	if err != nil {
		t.Fatal(err)
	}
	table, err := f(supervisortest.NewFake(), nil)
	if err != nil || len(table) != 37 {
		t.Errorf("%d methods, %v", len(table), err)
	}
}

// answer is what a method answers: a value as Go prints it, or "fault N text", or
// "500 text".
func answer(s *rpc.Server, method string, args ...any) string {
	request, err := xmlrpc.AppendCall(nil, "supervisor."+method, args...)
	if err != nil {
		return err.Error()
	}
	response, err := s.Answer(context.Background(), request)
	if err != nil {
		return "500 " + err.Error()
	}
	value, err := xmlrpc.DecodeResponse(response)
	if fault, ok := err.(*xmlrpc.Fault); ok {
		return fmt.Sprintf("fault %d %s", fault.Code, fault.Text)
	}
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(value)
}

type list = []any

// Captured from Supervisor 4.2.5, which was asked the same.
func TestParametersAreReadAsSupervisorReadsThem(t *testing.T) {
	none := xmlrpc.Struct{}
	s := serve(supervisortest.NewFake())
	for _, c := range []struct {
		method string
		args   list
		want   string
	}{
		{"getState", nil, "[{statecode 1} {statename RUNNING}]"},
		{"getState", list{1}, "fault 2 INCORRECT_PARAMETERS"},
		{"getProcessInfo", nil, "fault 2 INCORRECT_PARAMETERS"},
		{"getProcessInfo", list{""}, "fault 10 BAD_NAME: "},
		{"getProcessInfo", list{"pair:*"}, "fault 10 BAD_NAME: pair:*"},
		{"getProcessInfo", list{"pair:"}, "fault 10 BAD_NAME: pair:"},
		{"getProcessInfo", list{5}, "500 'int' object has no attribute 'split'"},
		{"getProcessInfo", list{list{"x"}}, "500 'list' object has no attribute 'split'"},

		{"startProcess", list{"never", true, 1}, "fault 2 INCORRECT_PARAMETERS"},
		{"startProcess", list{"never", 0}, "true"},
		{"stopProcess", list{"never", ""}, "true"},
		{"startProcess", list{"never", list{}}, "true"},
		{"stopProcess", list{"never", none}, "true"},
		{"startProcess", list{"pair:*"}, "[]"},
		{"startProcessGroup", list{"pair:*"}, "fault 10 BAD_NAME: pair:*"},
		{"startProcessGroup", list{""}, "fault 10 BAD_NAME: "},
		{"startProcessGroup", list{5}, "fault 10 BAD_NAME: 5"},
		{"startProcessGroup", list{true}, "fault 10 BAD_NAME: True"},
		{"startProcessGroup", list{list{}}, "fault 2 INCORRECT_PARAMETERS"},
		{"startProcessGroup", list{none}, "fault 2 INCORRECT_PARAMETERS"},
		{"addProcessGroup", list{list{"x"}}, "fault 10 BAD_NAME: ['x']"},
		{"removeProcessGroup", list{list{"x"}}, "fault 2 INCORRECT_PARAMETERS"},

		{"signalProcess", list{"echo", 18}, "true"},
		{"signalProcess", list{"echo", 0}, "true"},
		{"signalProcess", list{"echo", 1.5}, "true"},
		{"signalProcess", list{"echo", ""}, "fault 11 BAD_SIGNAL: "},
		{"signalProcess", list{"echo", 9999}, "fault 11 BAD_SIGNAL: 9999"},
		{"signalProcess", list{"echo", list{}}, "500 'list' object has no attribute 'strip'"},
		{"signalProcess", list{"nobody", list{}}, "fault 10 BAD_NAME: nobody"},
		{"signalProcessGroup", list{"never:*", "HUP"}, "fault 10 BAD_NAME: never:*"},
		{"signalProcessGroup", list{"lost", list{}}, "[]"},
		{"signalProcessGroup", list{"pair", list{}}, "500 'list' object has no attribute 'strip'"},
		{"signalProcess", list{"echo:*", ""}, "[[{name echo} {group echo} {status 11} {description BAD_SIGNAL: }]]"},

		{"sendProcessStdin", list{"nobody", 5}, "fault 2 INCORRECT_PARAMETERS: 5"},
		{"sendProcessStdin", list{"nobody", list{"a", 1}}, "fault 2 INCORRECT_PARAMETERS: ['a', 1]"},
		{"sendProcessStdin", list{"nobody", xmlrpc.Struct{{Name: "k", Value: true}}}, "fault 2 INCORRECT_PARAMETERS: {'k': True}"},
		{"sendProcessStdin", list{"pair:*", "x"}, "fault 10 BAD_NAME: pair:*"},
		{"sendProcessStdin", list{"echo", "0123456789\n"}, "true"},

		{"readProcessLog", list{"echo", "1", "2"}, "12"},
		{"readProcessLog", list{"echo", 1.9, 2.9}, "12"},
		{"readProcessLog", list{"echo", true, true}, "1"},
		{"readProcessLog", list{"echo", " 1 ", 2}, "12"},
		{"readProcessLog", list{"echo", "x", 1}, "500 invalid literal for int() with base 10: 'x'"},
		{"readProcessLog", list{"echo", list{}, 1}, "fault 2 INCORRECT_PARAMETERS"},
		{"readProcessLog", list{"nobody", "x", 1}, "fault 10 BAD_NAME: nobody"},
		{"readProcessLog", list{"quiet", "x", 1}, "fault 20 NO_FILE"},
		{"readProcessLog", list{"echo:*", 0, 0}, "fault 10 BAD_NAME: echo:*"},
		{"readLog", list{"x", 1}, "500 invalid literal for int() with base 10: 'x'"},
		{"readLog", list{-4, 1}, "fault 3 BAD_ARGUMENTS"},
		{"readLog", list{0, math.Inf(1)}, "500 cannot convert float infinity to integer"},
		{"tailProcessLog", list{"echo", 8, 4}, "[789\n 11 false]"},
		{"tailProcessLog", list{"quiet", "x", 1}, "[ 0 false]"},
		{"tailProcessLog", list{"echo", "x", 1}, "500 invalid literal for int() with base 10: 'x'"},
		{"tailProcessLog", list{"nobody", "x", 1}, "fault 10 BAD_NAME: nobody"},
		{"clearProcessLogs", list{"pair:*"}, "fault 10 BAD_NAME: pair:*"},

		{"reloadConfig", nil, "[[[] [] []]]"},
		{"getAPIVersion", nil, "3.0"},
		{"shutdown", list{1}, "fault 2 INCORRECT_PARAMETERS"},
		{"shutdown", nil, "true"},

		// Now the state comes before the parameters, but their number comes first.
		{"getState", nil, "fault 6 SHUTDOWN_STATE"},
		{"getState", list{1}, "fault 2 INCORRECT_PARAMETERS"},
		{"getProcessInfo", list{5}, "fault 6 SHUTDOWN_STATE"},
		{"getProcessInfo", list{"pair:*"}, "fault 6 SHUTDOWN_STATE"},
		{"getProcessInfo", list{""}, "fault 6 SHUTDOWN_STATE"},
		{"startProcessGroup", list{list{}}, "fault 6 SHUTDOWN_STATE"},
		{"addProcessGroup", list{list{}}, "fault 6 SHUTDOWN_STATE"},
		{"signalProcess", list{"echo", list{}}, "fault 6 SHUTDOWN_STATE"},
		{"readProcessLog", list{"echo", "x", 1}, "fault 6 SHUTDOWN_STATE"},
		{"tailProcessLog", list{"echo", "x", 1}, "fault 6 SHUTDOWN_STATE"},
		{"readLog", list{"x", 1}, "fault 6 SHUTDOWN_STATE"},
		{"sendProcessStdin", list{"echo", 5}, "fault 6 SHUTDOWN_STATE"},
		{"sendRemoteCommEvent", list{"type", 5}, "true"},
	} {
		if got := answer(s, c.method, c.args...); got != c.want {
			t.Errorf("%s%v = %q, want %q", c.method, c.args, got, c.want)
		}
	}
}

// A shape is a Supervisor of which only the shapes of answers matter.
type shape struct {
	*supervisortest.Fake
	infos   []sirdar.ProcessInfo
	configs []sirdar.ConfigInfo
	log     []byte
}

func (s shape) Info(context.Context, sirdar.Selector) ([]sirdar.ProcessInfo, error) {
	return s.infos, nil
}

func (s shape) Configs(context.Context) ([]sirdar.ConfigInfo, error) { return s.configs, nil }

func (s shape) ReadLog(context.Context, sirdar.Selector, sirdar.Stream, int64, int64) ([]byte, error) {
	return s.log, nil
}

func (s shape) TailLog(context.Context, sirdar.Selector, sirdar.Stream, int64, int64) (sirdar.Tail, error) {
	return sirdar.Tail{Bytes: s.log, Offset: 1 << 40}, nil
}

func (s shape) ReadMainLog(context.Context, int64, int64) ([]byte, error) { return s.log, nil }

// respond returns the bytes of an answer.
func respond(t *testing.T, sup sirdar.Supervisor, method string, args ...any) []byte {
	t.Helper()
	request, err := xmlrpc.AppendCall(nil, "supervisor."+method, args...)
	if err != nil {
		t.Fatal(err)
	}
	response, err := serve(sup).Answer(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// python asks Debian's Python about documents, all at once.
func python(t *testing.T, script string, in any, out any) {
	t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "-c", script)
	cmd.Stdin = bytes.NewReader(text)
	answer, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, err.(*exec.ExitError).Stderr)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		t.Fatal(err)
	}
}

var exampleInfo = sirdar.ProcessInfo{
	Name: "cat", Group: "gröup", Start: 1795298049, Stop: 1 << 40, Now: -1 << 40, State: sirdar.Running, SpawnErr: "a <b> & c",
	ExitStatus: -1, StdoutLogfile: "/o", StderrLogfile: "", PID: 6709, Description: "pid 6709, uptime 0:00:41",
}

var exampleConfig = sirdar.ConfigInfo{
	Autostart: true, Autorestart: "true", Directory: "none", UID: -1, Command: "/bin/cat", ExitCodes: []int{0, 2}, Group: "g", GroupPriority: 998,
	InUse: true, Name: "n", Priority: 1, StartRetries: 3, StartSecs: 1, StopSignal: 15, StopWaitSecs: 10, ServerURL: "none",
	Stdout: sirdar.StreamInfo{Logfile: "auto", LogfileBackups: 10, LogfileMaxBytes: 3 << 30, Syslog: true},
	Stderr: sirdar.StreamInfo{CaptureMaxBytes: 1, EventsEnabled: true, Logfile: "none", LogfileMaxBytes: 50 << 20},
}

// What Python sends for the same values.
const pythonShapes = `
import json, sys, xmlrpc.client as x
json.load(sys.stdin)
info = dict(name='cat', group='gr\u00f6up', start=1795298049, stop=2147483647, now=-2147483648, state=20, statename='RUNNING',
    spawnerr='a <b> & c', exitstatus=-1, logfile='/o', stdout_logfile='/o', stderr_logfile='', pid=6709,
    description='pid 6709, uptime 0:00:41')
def config(**kw):
    c = dict(autostart=True, autorestart=True, directory='none', uid='none', command='/bin/cat', exitcodes=[0, 2], group='g',
    group_prio=998, inuse=True, killasgroup=False, name='n', process_prio=1, redirect_stderr=False, startretries=3, startsecs=1,
    stdout_capture_maxbytes=0, stdout_events_enabled=False, stdout_logfile='auto', stdout_logfile_backups=10,
    stdout_logfile_maxbytes=2147483647, stdout_syslog=True, stopsignal=15, stopwaitsecs=10, stderr_capture_maxbytes=1,
    stderr_events_enabled=True, stderr_logfile='none', stderr_logfile_backups=0, stderr_logfile_maxbytes=52428800,
    stderr_syslog=False, serverurl='none')
    c.update(kw)
    return c
json.dump([x.dumps((v,), methodresponse=True) for v in (
    info, [info, info], [], [config(), config(autorestart=False, uid=0), config(autorestart='unexpected')],
)], sys.stdout)
`

func TestStructsAreThoseOfSupervisorByteForByte(t *testing.T) {
	never, unexpected := exampleConfig, exampleConfig
	never.Autorestart, never.UID = "false", 0
	unexpected.Autorestart = "unexpected"
	one := shape{infos: []sirdar.ProcessInfo{exampleInfo}}
	two := shape{
		infos:   []sirdar.ProcessInfo{exampleInfo, exampleInfo},
		configs: []sirdar.ConfigInfo{exampleConfig, never, unexpected},
	}
	ours := [][]byte{
		respond(t, one, "getProcessInfo", "cat"),
		respond(t, two, "getAllProcessInfo"),
		respond(t, shape{}, "getAllProcessInfo"),
		respond(t, two, "getAllConfigInfo"),
	}
	var theirs []string
	python(t, pythonShapes, nil, &theirs)
	for i := range ours {
		if string(ours[i]) != theirs[i] {
			t.Errorf("Python sends\n%s\nwe send\n%s", theirs[i], ours[i])
		}
	}
}

func TestEveryPieceOfALogIsAnsweredWellFormed(t *testing.T) {
	text := []byte("a\u00e4\u20ac\U0001F600z")
	var pieces [][]byte
	for from := range text {
		for to := from; to <= len(text); to++ {
			pieces = append(pieces, text[from:to])
		}
	}
	for c := range 256 {
		pieces = append(pieces, []byte{byte(c)}, []byte{'a', byte(c), 'b'}, []byte{0xE2, byte(c)}, []byte{byte(c), 0x82, 0xAC})
	}
	var documents []string
	for _, piece := range pieces {
		sup := shape{log: piece}
		documents = append(documents,
			string(respond(t, sup, "readProcessStdoutLog", "cat", 1, 0)),
			string(respond(t, sup, "readProcessStderrLog", "cat", 0, 0)),
			string(respond(t, sup, "tailProcessStdoutLog", "cat", 0, 0)),
			string(respond(t, sup, "readLog", -5, 0)))
	}
	var found []string
	python(t, `
import json, sys, xmlrpc.client as x
def read(doc):
    v = x.loads(doc)[0][0]
    return v if isinstance(v, str) else v[0]
json.dump([read(doc) for doc in json.load(sys.stdin)], sys.stdout)
`, documents, &found)
	for i, got := range found {
		if piece := pieces[i/4]; i/4 < len(pieces)-4*256 && strings.ContainsRune(got, '\uFFFD') && i%4 != 1 {
			t.Errorf("%q, cut out of a text, is read as %q", piece, got)
		}
	}
}

func TestCutCharactersAreLeftOut(t *testing.T) {
	for _, c := range []struct {
		piece  string
		offset int
		want   string
	}{
		{"\x82\xacabc\xe2\x82", 1, "abc"},
		{"\x82\xacabc\xe2\x82", 0, "\uFFFD\uFFFDabc"},
		{"abc\xff", 1, "abc\uFFFD"},
		{"abc\xe2\x28", 1, "abc\uFFFD("},
		{"\x80\x80\x80\x80x", 1, "\uFFFDx"},
		{"\xf0\x9f\x98", 0, ""},
		{"", 1, ""},
		{"a\x00b\x1bc\r\n", 1, "a\uFFFDb\uFFFDc\n"},
	} {
		got := answer(serve(shape{log: []byte(c.piece)}), "readProcessStdoutLog", "cat", c.offset, 0)
		if got != c.want {
			t.Errorf("%q from %d is read as %q, want %q", c.piece, c.offset, got, c.want)
		}
	}
}

func BenchmarkGetAllProcessInfo(b *testing.B) {
	sup := shape{infos: slices.Repeat([]sirdar.ProcessInfo{exampleInfo}, 1000)}
	s := serve(sup)
	request, err := xmlrpc.AppendCall(nil, "supervisor.getAllProcessInfo")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var buffer []byte
	for b.Loop() {
		if buffer, err = s.Append(context.Background(), buffer[:0], request); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(buffer)))
	}
}

func BenchmarkDecodeAllProcessInfo(b *testing.B) {
	request, _ := xmlrpc.AppendCall(nil, "supervisor.getAllProcessInfo")
	response := serve(shape{infos: slices.Repeat([]sirdar.ProcessInfo{exampleInfo}, 1000)}).Serve(context.Background(), request)
	b.ReportAllocs()
	b.SetBytes(int64(len(response)))
	for b.Loop() {
		if _, err := xmlrpc.DecodeResponse(response); err != nil {
			b.Fatal(err)
		}
	}
}
