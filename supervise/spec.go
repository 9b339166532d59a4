package supervise

import (
	"os"
	"strings"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/spawn"
)

// spec says how to start a process, with its command looked up anew.
func (s *Supervisor) spec(e *entry) (*spawn.Spec, error) {
	path, args, err := s.command(e)
	if err != nil {
		return nil, err
	}
	spec := &spawn.Spec{
		Name:        e.cfg.Name,
		Path:        path,
		Args:        args,
		Env:         s.environ(e),
		Dir:         e.cfg.Directory,
		HasDir:      e.cfg.HasDirectory,
		Umask:       e.cfg.Umask,
		RedirectErr: e.cfg.RedirectErr,
		Stdin:       -1,
	}
	if u := e.cfg.User; u != nil && u.UID != os.Getuid() {
		spec.Cred = &spawn.Cred{UID: u.UID, GID: u.GID, Groups: u.Groups}
	}
	return spec, nil
}

// command looks up the program of a process: where the PATH of its own
// environment says, else supervisord's.
func (s *Supervisor) command(e *entry) (path string, args []string, err error) {
	own := func(name string) (value string, ok bool) {
		for _, v := range e.cfg.Environment {
			if v.Name == name {
				value, ok = v.Value, true
			}
		}
		return value, ok
	}
	return spawn.Resolve(e.cfg.Command, spawn.SearchPath(own, s.path))
}

// commandFault is the fault of a start whose command cannot be run.
func commandFault(err error) *sirdar.Fault {
	if c, ok := err.(*spawn.CommandError); ok && c.NotFound {
		return sirdar.NewFault(sirdar.NoFile, err.Error())
	}
	return sirdar.NewFault(sirdar.NotExecutable, err.Error())
}

// environ is the environment of a child: supervisord's own, then SUPERVISOR_*,
// then what [supervisord] and the program set, which may override them.
func (s *Supervisor) environ(e *entry) []string {
	own := []string{
		"SUPERVISOR_PROCESS_NAME=" + e.cfg.Name,
		"SUPERVISOR_GROUP_NAME=" + e.group.cfg.Name,
	}
	url := s.url
	if e.cfg.HasServerURL {
		url = e.cfg.ServerURL
	}
	if url != "" {
		own = append(own, "SUPERVISOR_SERVER_URL="+url)
	}
	for _, v := range e.cfg.Environment {
		own = append(own, v.Name+"="+v.Value)
	}
	return overlay(s.baseEnv, own)
}

// overlay returns base with the variables of over set; of a variable set twice
// the last counts.
func overlay(base, over []string) []string {
	env := make([]string, 0, len(base)+len(over))
	place := make(map[string]int, len(base)+len(over))
	for _, list := range [][]string{base, over} {
		for _, v := range list {
			name, _, _ := strings.Cut(v, "=")
			if i, ok := place[name]; ok {
				env[i] = v
				continue
			}
			place[name] = len(env)
			env = append(env, v)
		}
	}
	return env
}

// lookupEnv returns a variable of an environment, "" if it is not set.
func lookupEnv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(env[i], name+"="); ok {
			return value
		}
	}
	return ""
}
