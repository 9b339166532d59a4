package config

import "github.com/sirdar-project/sirdar/internal/pytext"

// What supervisorctl uses when no configuration file says otherwise.
const (
	defaultURL    = "http://localhost:9001"
	defaultPrompt = "supervisor"
)

// Ctl is what supervisorctl reads of a configuration file: the [supervisorctl]
// section and the [ctlplugin:x] sections, with defaults filled in.
type Ctl struct {
	Path        string // absolute path of the file; "" = there is none
	ServerURL   string
	Username    string // "" = none
	Password    string // "" = none
	Prompt      string
	HistoryFile string      // absolute path; "" = no history is kept
	Plugins     []Interface // [ctlplugin:x]: Factory is supervisor.ctl_factory
}

// LoadCtl reads what supervisorctl needs from the file at path; [Find] finds one.
// With no file at all, a path of "", there are defaults. [include] is not for
// supervisorctl.
//
// The error is an [*Error]. Of one that says Syntax, Python's supervisorctl dies
// with status 1; of the others with status 2.
func LoadCtl(path string, h Host) (*Ctl, error) {
	ctl := &Ctl{ServerURL: defaultURL, Prompt: defaultPrompt}
	if path == "" {
		return ctl, nil
	}
	l := newLoader(&h)
	if err := l.open(path); err != nil {
		return nil, err
	}
	// Python opens the path as it is, but takes here from it after ~.
	l.here, _ = pytext.SplitPath(h.normalize(path))
	l.enter(l.scopes[EnvNames])
	if !l.file.Has("supervisorctl") {
		return nil, &Error{Text: ".ini file does not include supervisorctl section", File: path}
	}
	ctl.Path = h.abs(path)
	t := l.target("supervisorctl")
	t.ctl = ctl
	if err := l.read(InCtl, t); err != nil {
		return nil, err
	}
	var err error
	ctl.Plugins, err = l.plugins(InCtlPlugin, "ctlplugin:")
	return ctl, err
}
