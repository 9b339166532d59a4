package supervisortest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/tests/running"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// A request is one of the corpus.
type request struct {
	method string
	args   []any
}

type list = []any

// corpus is what both daemons are asked, in this order: every method with too many
// parameters, every method that takes a name with good, bad and strange names, and so
// on. Nothing in it depends on how long something takes.
func corpus() []request {
	var all []request
	ask := func(method string, args ...any) { all = append(all, request{method, args}) }
	call := func(method string, args ...any) { ask("supervisor."+method, args...) }

	for _, m := range []string{
		"a", "a.b", "a.b.c", "supervisor._x", "supervisor.__class__", "Supervisor.getState", "supervisor.getstate", "supervisor.", ".getState",
		" supervisor.getState", "supervisor.supervisord.options.warnings.linecache.os.system", "system._listMethods", "supervisor._update",
	} {
		ask(m)
		ask(m, "x")
		ask("system.multicall", list{xmlrpc.Struct{{Name: "methodName", Value: m}}})
	}
	ask("system.listMethods")
	for _, m := range []string{"listMethods", "methodHelp", "methodSignature", "multicall"} {
		ask("system."+m, 1, 2)
	}
	for _, name := range []any{"nope", 5, list{}, xmlrpc.Struct{}} {
		ask("system.methodHelp", name)
		ask("system.methodSignature", name)
	}
	for _, m := range methods {
		call(m, 1, 2, 3, 4)
		ask("system.methodSignature", "supervisor."+m)
	}
	for _, calls := range multicalls {
		ask("system.multicall", calls)
	}
	for _, m := range []string{"getAPIVersion", "getVersion", "getSupervisorVersion", "getIdentification", "getState", "getAllProcessInfo", "getAllConfigInfo", "reloadConfig"} {
		call(m)
	}

	for _, name := range names {
		call("getProcessInfo", name)
		for _, m := range []string{"readProcessStdoutLog", "tailProcessStdoutLog", "readProcessStderrLog", "tailProcessStderrLog"} {
			call(m, name, 0, 3)
			call(m, name, "x", 1)
			call(m, name, 1, list{})
		}
		for _, signal := range []any{"CONT", "nope", "", 0, 18, "18", " cont ", -1, 9999, "RTMIN+1", "SIGCONT", list{}, xmlrpc.Struct{}} {
			call("signalProcess", name, signal)
		}
		call("signalProcessGroup", name, list{})
		call("signalProcessGroup", name, "nope")
		for _, chars := range []any{"", 5, list{}, list{"a", 1}, xmlrpc.Struct{{Name: "k", Value: true}}, 1.5, true} {
			call("sendProcessStdin", name, chars)
		}
		call("addProcessGroup", name)
		call("clearProcessLogs", name)
		if name != "never" && name != "lost" {
			call("removeProcessGroup", name)
			call("startProcessGroup", name)
			call("startProcess", name, 1)
		}
	}
	for _, place := range places {
		for _, m := range []string{"readProcessStdoutLog", "tailProcessStdoutLog", "readProcessStderrLog"} {
			for _, name := range []string{"echo", "never", "quiet", "nobody"} {
				if name == "never" && strings.HasPrefix(m, "readProcessStderr") {
					continue // Supervisor has made the file of an automatic log, and we have too, with other names
				}
				call(m, append(list{name}, place...)...)
			}
		}
	}
	for _, place := range []list{{-4, 1}, {0, -1}, {"x", 1}, {list{}, 1}, {0, "x"}} {
		call("readLog", place...)
	}

	call("startProcess", "never")
	call("startProcess", "never")
	call("stopProcess", "never")
	call("stopProcess", "never")
	call("startProcess", "lost")
	call("startProcess", "lost:*")
	call("getProcessInfo", "lost")
	call("stopProcess", "stubborn", false)
	call("stopProcess", "stubborn")
	call("startProcess", "stubborn", false)
	call("startProcess", "stubborn", true)
	call("getProcessInfo", "stubborn")
	call("signalProcess", "stubborn", "CONT")
	call("clearAllProcessLogs")
	call("clearLog")
	call("shutdown")
	for _, m := range methods {
		if m == "sendRemoteCommEvent" {
			continue // works in every mood, and is not built yet
		}
		for _, args := range []list{{}, {"x"}, {5}, {"x", "y"}, {"x", list{}}, {"x", 0, "z"}, {"x", 0, 0}, {0, 0}} {
			call(m, args...)
		}
	}
	return all
}

var methods = strings.Fields(`addProcessGroup clearAllProcessLogs clearLog clearProcessLog clearProcessLogs getAPIVersion getAllConfigInfo
	getAllProcessInfo getIdentification getPID getProcessInfo getState getSupervisorVersion getVersion readLog readMainLog
	readProcessLog readProcessStderrLog readProcessStdoutLog reloadConfig removeProcessGroup restart sendProcessStdin
	sendRemoteCommEvent shutdown signalAllProcesses signalProcess signalProcessGroup startAllProcesses startProcess
	startProcessGroup stopAllProcesses stopProcess stopProcessGroup tailProcessLog tailProcessStderrLog tailProcessStdoutLog`)

var names = list{
	"echo", "quiet", "never", "lost", "pair:one", "pair:*", "pair:", "nobody", "", "pair", "one", "nobody:*",
	5, true, 1.5, list{}, list{"x"}, xmlrpc.Struct{}, xmlrpc.Struct{{Name: "a", Value: 1}},
}

var places = []list{
	{0, 0}, {3, 4}, {-4, 0}, {-4, 1}, {0, -1}, {50, 5}, {"1", "2"}, {1.9, 2.2}, {true, false}, {"x", 1}, {1, "x"}, {list{}, 1},
	{xmlrpc.Struct{}, 1}, {1000000000, 5}, {0, 1000000000}, {0, 3}, {11, 4}, {8, 4}, {" 1 ", "+2"}, {"1_0", 1}, {"", 1}, {math.Inf(1), 1},
}

// multicalls are arguments of system.multicall.
var multicalls = func() list {
	one := func(method any, params ...any) any {
		s := xmlrpc.Struct{{Name: "methodName", Value: method}}
		if len(params) > 0 {
			s = append(s, xmlrpc.Member{Name: "params", Value: params[0]})
		}
		return s
	}
	return list{
		list{}, "s", 5, true, xmlrpc.Struct{}, 1.5, list{5}, list{"x"}, list{list{}},
		list{one("supervisor.getState")},
		list{one("supervisor.getState", list{}), one("supervisor.nope"), one("supervisor.getProcessInfo", list{"nobody"})},
		list{one("system.multicall", list{list{}})}, list{xmlrpc.Struct{}}, list{one(5)}, list{one("")},
		list{one("supervisor.getProcessInfo", list{5})}, list{one("supervisor.getProcessInfo", "x")},
		list{one("supervisor.getProcessInfo", 5)}, list{one("nope.x", 5)},
		list{one("supervisor.getProcessInfo", xmlrpc.Struct{{Name: "nobody", Value: 1}})},
		list{one("supervisor.signalProcess", list{"echo", list{}})}, list{one("supervisor.readLog", list{list{}, 1})},
		list{one("supervisor.startProcess", list{"lost"}), one("system.listMethods")},
	}
}()

// corpusMasks hide what differs from run to run, and what differs on purpose.
var corpusMasks = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`<int>\d{9,10}</int>`), "<int>TIME</int>"},
	{regexp.MustCompile(`(<name>pid</name>\n<value><int>)[1-9]\d*`), "${1}PID"},
	{regexp.MustCompile(`pid \d+, uptime [\d:]+`), "UPTIME"},
	{regexp.MustCompile(`[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M`), "DATE"},
	{regexp.MustCompile(`(std(out|err))---supervisor-\w+\.log`), "${1}-AUTO"},
	// 4.2.5 does not have it yet.
	{regexp.MustCompile(`<member>\n<name>autorestart</name>\n<value>.*</value>\n</member>\n`), ""},
	{regexp.MustCompile(`4\.2\.5`), sirdar.CompatVersion},
	// Theirs names the exception of its own code that the first one runs into.
	{regexp.MustCompile(`<class 'AttributeError'>:type object 'Faults' has no attribute '(invalid literal .*)'`), "<class 'ValueError'>:$1"},
}

func TestBothDaemonsAnswerTheCorpusAlike(t *testing.T) {
	requests := corpus()
	ours := answersOf(t, running.How{}, requests)
	theirs := answersOf(t, running.How{Binary: running.Need(t, "supervisor", "/usr/bin/supervisord")}, requests)
	wrong := 0
	kinds := map[string]int{}
	for i, r := range requests {
		kinds[ours[i][:3]+map[bool]string{true: " fault"}[strings.Contains(ours[i], "<fault>")]]++
		if r.method == "supervisor.getPID" && len(r.args) == 0 || ours[i] == theirs[i] {
			continue
		}
		if wrong++; wrong <= 20 {
			t.Errorf("%s%v\nPython's answer %s\nour answer      %s", r.method, r.args, theirs[i], ours[i])
		}
	}
	t.Logf("%d requests, answered with %v", len(requests), kinds)
	if wrong > 20 {
		t.Errorf("%d of %d answers differ", wrong, len(requests))
	}
}

// answersOf starts a daemon, asks it everything and returns status and masked body of
// each answer.
func answersOf(t *testing.T, how running.How, requests []request) []string {
	daemon := startWithConfig(t, how)
	client := http.Client{Transport: &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return net.Dial("unix", daemon.Dir+"/s.sock")
		},
	}}
	defer client.CloseIdleConnections()
	post := func(method string, args ...any) string {
		t.Helper()
		body, err := xmlrpc.AppendCall(nil, method, args...)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Post("http://localhost/RPC2", "text/xml", bytes.NewReader(body))
		if err != nil {
			t.Fatalf("%s%v: %v", method, args, err)
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatalf("%s%v: %v", method, args, err)
		}
		return fmt.Sprint(res.StatusCode, " ", string(answer))
	}

	post("supervisor.sendProcessStdin", "echo", digits)
	daemon.Await("what echo writes", func() bool {
		return strings.Contains(post("supervisor.readProcessStdoutLog", "echo", 0, 0), digits)
	})
	answers := make([]string, len(requests))
	for i, r := range requests {
		answer := strings.ReplaceAll(post(r.method, r.args...), daemon.Dir, "DIR")
		for _, m := range corpusMasks {
			answer = m.pattern.ReplaceAllString(answer, m.instead)
		}
		answers[i] = answer
	}
	return answers
}
