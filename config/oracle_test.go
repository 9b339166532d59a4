package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A question is a configuration to be read by us and by Supervisor.
type question struct {
	Call    string            `json:"call"` // "" = as supervisord, "ctl" = as supervisorctl, "diff" = compare two
	Dir     string            `json:"dir"`
	Environ map[string]string `json:"environ"`
	Args    []string          `json:"args"`
	As44    bool              `json:"as44"` // as Supervisor 4.4, not as the installed one
}

// askPython asks one Python process all questions.
func askPython(t *testing.T, questions []question) []string {
	t.Helper()
	var in, stderr bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, q := range questions {
		if err := enc.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("/usr/bin/python3", "testdata/oracle.py")
	cmd.Stdin, cmd.Stderr = &in, &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the oracle needs Debian's supervisor: %v\n%s", err, &stderr)
	}
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions\n%s", len(answers), len(questions), &stderr)
	}
	return answers
}

// host is this host with the environment of the question.
func (q question) host() Host {
	h := ThisHost()
	h.Dir = q.Dir
	h.Environ = nil
	for k, v := range q.Environ {
		h.Environ = append(h.Environ, k+"="+v)
	}
	return h
}

// load is what we make of it.
func (q question) load() (*Config, error) {
	h := q.host()
	o, err := parseArgs("supervisord", q.Args, h)
	if err != nil {
		return nil, err
	}
	return Load(o, h)
}

// answer is our answer in the form of the oracle's.
func (q question) answer(t *testing.T) string {
	t.Helper()
	conf, err := q.load()
	if err != nil {
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%v: error of type %T: %v", q.Args, err, err)
		}
		return encode(t, map[string]any{"refused": err.Error()})
	}
	return encode(t, dump(conf))
}

func encode(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// normal is a JSON text with sorted keys and without Python's way of writing it.
func normal(t *testing.T, text string) string {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return encode(t, v)
}

// differences lists where two JSON texts differ.
func differences(t *testing.T, got, want string) []string {
	t.Helper()
	var a, b any
	for text, v := range map[string]*any{got: &a, want: &b} {
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		if err := dec.Decode(v); err != nil {
			t.Fatal(err)
		}
	}
	if got == want {
		return nil
	}
	return walk(t, "", a, b)
}

func walk(t *testing.T, path string, a, b any) []string {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			break
		}
		keys := map[string]bool{}
		for k := range x {
			keys[k] = true
		}
		for k := range y {
			keys[k] = true
		}
		var list []string
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			list = append(list, walk(t, path+"."+k, x[k], y[k])...)
		}
		return list
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			break
		}
		var list []string
		for i := range x {
			list = append(list, walk(t, path+"["+strconv.Itoa(i)+"]", x[i], y[i])...)
		}
		return list
	}
	got, want := encode(t, a), encode(t, b)
	if got == want {
		return nil
	}
	return []string{path + "\n got " + got + "\nwant " + want}
}

// dump writes a configuration in the form of the oracle's answers.
func dump(c *Config) map[string]any {
	s := c.Supervisord
	sup := map[string]any{
		"loglevel": levelName(c), "logfile": s.Logfile, "pidfile": s.Pidfile, "umask": s.Umask,
		"directory": s.Directory, "childlogdir": s.ChildLogDir, "identifier": s.Identifier,
		"uid": nil, "gid": nil, "environment": pairs(s.Environment),
		"nodaemon": s.NoDaemon, "silent": s.Silent, "nocleanup": s.NoCleanup, "strip_ansi": s.StripANSI,
		"minfds": s.MinFDs, "minprocs": s.MinProcs,
		"logfile_maxbytes": s.LogfileMaxBytes, "logfile_backups": s.LogfileBackups,
	}
	if s.User != nil {
		sup["uid"], sup["gid"] = s.User.UID, s.User.GID
	}
	servers, interfaces, groups := []any{}, []any{}, []any{}
	for _, s := range c.Servers {
		servers = append(servers, dumpServer(s))
	}
	for _, i := range c.Interfaces {
		interfaces = append(interfaces, []any{i.Name, i.Options})
	}
	for _, g := range c.Groups {
		groups = append(groups, dumpGroup(g))
	}
	warnings, infos := []string{}, []string{}
	for _, n := range c.Notes {
		if n.Level == 0 {
			infos = append(infos, n.Text)
			continue
		}
		warnings = append(warnings, n.Text)
	}
	return map[string]any{
		"supervisord": sup, "servers": servers, "serverurl": ServerURL(c.Servers),
		"interfaces": interfaces, "groups": groups, "warnings": warnings, "infos": infos,
	}
}

func levelName(c *Config) string {
	for name, level := range levels {
		if level == c.Supervisord.LogLevel {
			return name
		}
	}
	return "?"
}

func pairs(vars []Var) [][2]string {
	list := [][2]string{}
	for _, v := range vars {
		list = append(list, [2]string{v.Name, v.Value})
	}
	return list
}

func dumpServer(s Server) map[string]any {
	m := map[string]any{"section": s.Section, "username": s.Username, "password": s.Password}
	if s.Network == "unix" {
		m["file"], m["chmod"], m["chown"] = s.Address, s.Mode, []int{s.UID, s.GID}
		return m
	}
	i := strings.LastIndexByte(s.Address, ':')
	m["host"], m["port"] = s.Address[:i], json.Number(s.Address[i+1:])
	return m
}

func dumpGroup(g Group) map[string]any {
	processes := []any{}
	for _, p := range g.Processes {
		processes = append(processes, dumpProcess(p))
	}
	m := map[string]any{"name": g.Name, "priority": g.Priority, "processes": processes}
	switch g.Kind {
	case ProgramGroup, HeterogeneousGroup:
		m["kind"] = "program"
	case ListenerPool:
		m["kind"] = "eventlistener"
		m["buffer_size"] = g.BufferSize
		m["events"] = slices.Sorted(slices.Values(g.Events))
	case FastCGIGroup:
		m["kind"] = "fcgi"
		s := g.Socket
		m["socket"] = map[string]any{"url": s.URL, "backlog": s.Backlog, "mode": s.Mode, "owner": []int{s.UID, s.GID}}
	}
	return m
}

func dumpProcess(p Process) map[string]any {
	codes := p.ExitCodes
	if codes == nil {
		codes = []int{}
	}
	m := map[string]any{
		"name": p.Name, "command": p.Command, "directory": nil, "umask": nil,
		"autostart": p.Autostart, "autorestart": p.Autorestart.String(), "exitcodes": codes,
		"stopsignal": int(p.StopSignal), "stopasgroup": p.StopAsGroup, "killasgroup": p.KillAsGroup,
		"uid": nil, "redirect_stderr": p.RedirectErr, "environment": pairs(p.Environment), "serverurl": nil,
		"priority": p.Priority, "startsecs": p.StartSecs, "startretries": p.StartRetries, "stopwaitsecs": p.StopWaitSecs,
		"stdout": dumpLog(p.Stdout), "stderr": dumpLog(p.Stderr),
	}
	if p.HasDirectory {
		m["directory"] = p.Directory
	}
	if p.Umask >= 0 {
		m["umask"] = p.Umask
	}
	if p.User != nil {
		m["uid"] = p.User.UID
	}
	if p.HasServerURL {
		m["serverurl"] = p.ServerURL
	}
	return m
}

func dumpLog(l Log) map[string]any {
	file := l.Path
	if l.Auto {
		file = "AUTO"
	}
	return map[string]any{
		"logfile": file, "maxbytes": l.MaxBytes, "backups": l.Backups,
		"syslog": l.Syslog, "capture": l.CaptureMaxBytes, "events": l.EventsEnabled,
	}
}
