package config

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

func TestWithoutAFileThereAreDefaults(t *testing.T) {
	ctl, err := LoadCtl("", ThisHost())
	if err != nil || ctl.ServerURL != "http://localhost:9001" || ctl.Prompt != "supervisor" || ctl.Path != "" {
		t.Errorf("got %+v, %v", ctl, err)
	}
}

// core 28
func TestAParseErrorIsToldFromOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.conf")
	for text, syntax := range map[string]bool{
		"[supervisorctl]\nnope\n": true,
		"a=b\n":                   true,
		"[supervisord]\n":         false,
		"[supervisorctl]\nprompt=%(ENV_NOPE_NOPE)s\n": false,
	} {
		write(t, path, text)
		_, err := LoadCtl(path, ThisHost())
		var bad *Error
		if !errors.As(err, &bad) || bad.Syntax != syntax {
			t.Errorf("%q: error %+v", text, err)
		}
	}
}

// core 29
func TestSupervisorctlDoesNotInclude(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "s.conf"), "[supervisord]\n[include]\nfiles=c.conf\n")
	write(t, filepath.Join(dir, "c.conf"), "[supervisorctl]\n")
	_, err := LoadCtl(filepath.Join(dir, "s.conf"), ThisHost())
	if err == nil || err.Error() != ".ini file does not include supervisorctl section" {
		t.Errorf("error %v", err)
	}
}

func (q question) answerCtl(t *testing.T) string {
	t.Helper()
	ctl, err := LoadCtl(q.Args[1], q.host())
	var bad *Error
	switch {
	case errors.As(err, &bad) && bad.Syntax:
		return encode(t, map[string]any{"crashed": bad.Text})
	case err != nil:
		return encode(t, map[string]any{"refused": err.Error()})
	}
	plugins := []any{}
	for _, p := range ctl.Plugins {
		plugins = append(plugins, []any{p.Name, p.Options})
	}
	return encode(t, map[string]any{
		"serverurl": ctl.ServerURL, "username": ctl.Username, "password": ctl.Password,
		"prompt": ctl.Prompt, "history_file": ctl.HistoryFile, "plugins": plugins,
	})
}

// core 28, 29
func TestSupervisorctlReadsItsSectionsAsSupervisorsDoes(t *testing.T) {
	dir := t.TempDir()
	scene(t, dir)
	g := &generator{Rand: rand.New(rand.NewPCG(28, 29))}
	var questions []question
	var texts []string
	for i := range 500 {
		var b strings.Builder
		if !g.chance(20) {
			b.WriteString("[supervisorctl]\n")
		}
		for _, key := range []string{"serverurl", "prompt", "username", "password", "history_file"} {
			if g.chance(2) {
				fmt.Fprintf(&b, "%s=%s\n", key, g.pick("", "text", "%(here)s/x", "%(ENV_HOME)s", "~/x", "unix://~/x.sock", "unix:///tmp/../x", "http://h:1", "100%", "50%%", "%(ENV_NOPE)s", "%(host_node_name)s", "é ;c"))
			}
		}
		if g.chance(3) {
			b.WriteString("[ctlplugin:p]\n" + g.pick("supervisor.ctl_factory=supervisor.rpcinterface:make_main_rpcinterface\n", "x=1\n") + g.pick("", "k=%(ENV_NUM)s\nl=2\n", "k=%(here)s\n"))
		}
		if g.chance(20) {
			b.WriteString(g.pick("nope\n", "[x\n", "\xff"))
		}
		path := filepath.Join(dir, fmt.Sprint(i))
		write(t, path, b.String())
		texts = append(texts, b.String())
		if g.chance(2) {
			path = filepath.Base(path)
		}
		questions = append(questions, question{Call: "ctl", Dir: dir, Environ: environ(dir), Args: []string{"-c", path}, As44: true})
	}
	for i, want := range askPython(t, questions) {
		if diff := differences(t, questions[i].answerCtl(t), normal(t, want)); diff != nil {
			t.Errorf("%s\n%s", texts[i], strings.Join(diff, "\n"))
		}
	}
}
