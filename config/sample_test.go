package config

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// keysOf lists the sections and keys of a sample file, commented out or not.
func keysOf(sample string) []string {
	var keys []string
	section := ""
	for line := range strings.Lines(sample) {
		line = strings.TrimPrefix(strings.TrimSpace(line), ";")
		if strings.HasPrefix(line, "[") {
			section, _, _ = strings.Cut(line, "]")
			section, _, _ = strings.Cut(section, ":")
			keys = append(keys, section+"]")
			continue
		}
		key, _, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		if ok && section != "" && !strings.Contains(key, " ") {
			keys = append(keys, section+"] "+key)
		}
	}
	return keys
}

// core 118
func TestTheSampleHasTheKeysOfSupervisorsSample(t *testing.T) {
	out, err := exec.Command("/usr/bin/echo_supervisord_conf").Output()
	if err != nil {
		t.Fatalf("the oracle needs Debian's supervisor: %v", err)
	}
	theirs, ours := keysOf(string(out)), keysOf(Sample())
	if len(theirs) < 60 {
		t.Fatalf("only %d keys in Supervisor's sample", len(theirs))
	}
	for _, key := range theirs {
		// An event listener has all keys of a program: ours shows them once.
		if shared, ok := strings.CutPrefix(key, "[eventlistener] "); ok && option(InEventListener, shared) != nil {
			continue
		}
		if !slices.Contains(ours, key) {
			t.Errorf("the sample has no %s", key)
		}
	}
}

func TestEveryOptionIsInTheSampleAndInTheReference(t *testing.T) {
	ours, reference := keysOf(Sample()), Reference()
	for i := range table {
		o := &table[i]
		if !slices.ContainsFunc(ours, func(key string) bool { return strings.HasSuffix(key, "] "+o.Key) }) {
			t.Errorf("the sample has no %s", o.Key)
		}
		if !strings.Contains(reference, "| `"+o.Key+"` |") {
			t.Errorf("the reference has no %s", o.Key)
		}
		if o.Doc == "" || o.Type == "" || o.In == 0 || o.set == nil {
			t.Errorf("%s is not complete", o.Key)
		}
		if o.Default == "" && o.Sample == "" {
			t.Errorf("%s has nothing to show", o.Key)
		}
	}
}

func TestTheSampleCanBeUsed(t *testing.T) {
	conf := loadText(t, Sample())
	if len(conf.Groups) != 0 || len(conf.Servers) != 1 || len(conf.Interfaces) != 1 {
		t.Errorf("got %+v", conf)
	}
	path := filepath.Join(t.TempDir(), "s.conf")
	write(t, path, Sample())
	ctl, err := LoadCtl(path, ThisHost())
	if err != nil || ctl.ServerURL != ServerURL(conf.Servers) {
		t.Errorf("supervisorctl gets %+v, %v; the server is at %s", ctl, err, ServerURL(conf.Servers))
	}
}

func TestTheDefaultsInTheTableAreTheDefaults(t *testing.T) {
	// With every default written out a configuration says what it said.
	short := "[supervisord]\nidentifier=x\n[program:p]\ncommand=/p\n[eventlistener:l]\ncommand=/l\nevents=EVENT\n" +
		"[fcgi-program:f]\ncommand=/f\nsocket=tcp://h:1\n[group:g]\n[unix_http_server]\nfile=/tmp/x\n"
	var long strings.Builder
	kinds := map[string]Kinds{
		"supervisord": InSupervisord, "program": InProgram, "eventlistener": InEventListener,
		"fcgi-program": InFastCGI, "group": InGroup, "unix_http_server": InUnixServer,
	}
	for line := range strings.Lines(short) {
		long.WriteString(line)
		if line[0] != '[' {
			continue
		}
		name, _, _ := strings.Cut(strings.Trim(line, "[]\n"), ":")
		for _, o := range optionsIn(kinds[name]) {
			if o.Default != "" && !(name == "eventlistener" && o.Key == "priority") && o.Key != "identifier" {
				long.WriteString(o.Key + "=" + o.Default + "\n")
			}
		}
	}
	a, b := loadText(t, short), loadText(t, long.String())
	if diff := differences(t, encode(t, dump(a)), encode(t, dump(b))); diff != nil {
		t.Errorf("%s", strings.Join(diff, "\n"))
	}
}
