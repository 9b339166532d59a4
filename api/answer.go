package api

import (
	"fmt"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// An answer is read piece by piece; the first piece that is not what it should be
// makes the error of the whole. So the reading code names what it wants and asks
// once, at the end, whether it was there.
type answer struct {
	value any
	lists []any // what list found
	err   *error
}

func read(value any, err error) answer { return answer{value: value, err: &err} }

func (a answer) fail(want string) {
	if *a.err == nil {
		*a.err = fmt.Errorf("api: the node answered with %T where %s was expected", a.value, want)
	}
}

func (a answer) string() string {
	s, ok := a.value.(string)
	if !ok {
		a.fail("a string")
	}
	return s
}

func (a answer) int() int {
	n, ok := a.value.(int)
	if !ok {
		a.fail("an integer")
	}
	return n
}

func (a answer) bool() bool {
	b, ok := a.value.(bool)
	if !ok {
		a.fail("a boolean")
	}
	return b
}

// list expects an array, of a length unless that is negative.
func (a answer) list(length int) answer {
	list, ok := a.value.([]any)
	if !ok || length >= 0 && len(list) != length {
		a.fail("an array")
		return answer{err: a.err}
	}
	a.lists = list
	return a
}

// at returns an element of what list found.
func (a answer) at(i int) answer {
	if i >= len(a.lists) {
		return answer{err: a.err}
	}
	return answer{value: a.lists[i], err: a.err}
}

func (a answer) strings() []string {
	l := a.list(-1)
	list := make([]string, len(l.lists))
	for i := range list {
		list[i] = l.at(i).string()
	}
	return list
}

func (a answer) ints() []int {
	l := a.list(-1)
	list := make([]int, len(l.lists))
	for i := range list {
		list[i] = l.at(i).int()
	}
	return list
}

// member returns a member of a struct that must be there.
func (a answer) member(name string) answer {
	s, ok := a.value.(xmlrpc.Struct)
	if !ok {
		a.fail("a struct")
		return answer{err: a.err}
	}
	v, ok := s.Lookup(name)
	if !ok && *a.err == nil {
		*a.err = fmt.Errorf("api: the node's answer has no member %q", name)
	}
	return answer{value: v, err: a.err}
}

// optional returns a member that older nodes do not have, and whether it is there.
func (a answer) optional(name string) (answer, bool) {
	s, _ := a.value.(xmlrpc.Struct)
	v, ok := s.Lookup(name)
	return answer{value: v, err: a.err}, ok
}

// refuseFault makes an error of a result of a multicall that says no.
func (a answer) refuseFault(result any) {
	s, _ := result.(xmlrpc.Struct)
	code, isFault := s.Get("faultCode").(int)
	if isFault && *a.err == nil {
		text, _ := s.Get("faultString").(string)
		*a.err = &sirdar.Fault{Code: sirdar.FaultCode(code), Text: text}
	}
}

func (a answer) info() sirdar.ProcessInfo {
	return sirdar.ProcessInfo{
		Name:          a.member("name").string(),
		Group:         a.member("group").string(),
		Start:         int64(a.member("start").int()),
		Stop:          int64(a.member("stop").int()),
		Now:           int64(a.member("now").int()),
		State:         sirdar.State(a.member("state").int()),
		SpawnErr:      a.member("spawnerr").string(),
		ExitStatus:    a.member("exitstatus").int(),
		StdoutLogfile: a.member("stdout_logfile").string(),
		StderrLogfile: a.member("stderr_logfile").string(),
		PID:           a.member("pid").int(),
		Description:   a.member("description").string(),
	}
}

func (a answer) config() sirdar.ConfigInfo {
	c := sirdar.ConfigInfo{
		Autostart:     a.member("autostart").bool(),
		Directory:     a.member("directory").string(),
		UID:           -1,
		Command:       a.member("command").string(),
		ExitCodes:     a.member("exitcodes").ints(),
		Group:         a.member("group").string(),
		GroupPriority: a.member("group_prio").int(),
		InUse:         a.member("inuse").bool(),
		KillAsGroup:   a.member("killasgroup").bool(),
		Name:          a.member("name").string(),
		Priority:      a.member("process_prio").int(),
		RedirectErr:   a.member("redirect_stderr").bool(),
		StartRetries:  a.member("startretries").int(),
		StartSecs:     a.member("startsecs").int(),
		Stdout:        a.stream("stdout"),
		Stderr:        a.stream("stderr"),
		StopSignal:    a.member("stopsignal").int(),
		StopWaitSecs:  a.member("stopwaitsecs").int(),
		ServerURL:     a.member("serverurl").string(),
	}
	if uid := a.member("uid"); uid.value != "none" {
		c.UID = uid.int()
	}
	// 4.2 and 4.3 do not tell it.
	if restart, ok := a.optional("autorestart"); ok {
		c.Autorestart = fmt.Sprint(restart.value)
	}
	return c
}

func (a answer) stream(which string) sirdar.StreamInfo {
	return sirdar.StreamInfo{
		CaptureMaxBytes: int64(a.member(which + "_capture_maxbytes").int()),
		EventsEnabled:   a.member(which + "_events_enabled").bool(),
		Logfile:         a.member(which + "_logfile").string(),
		LogfileBackups:  a.member(which + "_logfile_backups").int(),
		LogfileMaxBytes: int64(a.member(which + "_logfile_maxbytes").int()),
		Syslog:          a.member(which + "_syslog").bool(),
	}
}

// results reads the answer of an operation on several processes.
func results(value any, err error) ([]sirdar.Result, error) {
	r := read(value, err).list(-1)
	list := make([]sirdar.Result, len(r.lists))
	for i := range list {
		e := r.at(i)
		list[i] = sirdar.Result{Name: e.member("name").string(), Group: e.member("group").string()}
		if code := sirdar.FaultCode(e.member("status").int()); code != sirdar.Success {
			list[i].Fault = &sirdar.Fault{Code: code, Text: e.member("description").string()}
		}
	}
	if *r.err != nil {
		return nil, *r.err
	}
	return list, nil
}

// bytesOf reads an answer that is text.
func bytesOf(value any, err error) ([]byte, error) {
	r := read(value, err)
	s := r.string()
	return []byte(s), *r.err
}
