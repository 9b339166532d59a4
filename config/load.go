package config

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/ini"
	"github.com/sirdar-project/sirdar/internal/pytext"
)

// Load reads the configuration that the command line names, or the first one that
// is found in the usual places, and all that it includes. It touches nothing: what
// can go wrong later, such as opening a log, goes wrong later.
//
// Relative paths begin in the directory that ParseArgs was called in, so that a
// second Load after a chdir finds the same files.
//
// The error is an [*Error] with Supervisor's text.
func Load(o *Options, h Host) (*Config, error) {
	if o.Dir != "" {
		h.Dir = o.Dir
	}
	path, err := o.find(&h)
	if err != nil {
		return nil, err
	}
	l := newLoader(&h)
	if err := l.open(path); err != nil {
		return nil, err
	}
	if err := l.include(); err != nil {
		return nil, err
	}
	if !l.file.Has("supervisord") {
		return nil, &Error{Text: ".ini file does not include supervisord section", File: path}
	}
	conf := &Config{Path: h.abs(path)}
	if err := l.supervisord(conf, o); err != nil {
		return nil, err
	}
	conf.Notes = append(l.warnings, l.infos...)
	return conf, nil
}

// A loader reads one configuration.
type loader struct {
	host     *Host
	file     ini.File
	path     string // of the main file, as it was given
	here     string // its directory
	scopes   scopes
	warnings []Note
	infos    []Note
}

// scopes are the names that may be used at each level.
type scopes [numNames]*scope

func newLoader(h *Host) *loader {
	h.remember()
	l := &loader{host: h}
	l.scopes[EnvNames] = environScope(h.Environ)
	return l
}

// target makes a target for the values of a section.
func (l *loader) target(section string) *target {
	return &target{host: l.host, section: section, warn: l.warn}
}

func (l *loader) warn(text string) {
	l.warnings = append(l.warnings, Note{Level: sirdar.LevelWarn, Text: text})
}

func (l *loader) info(text string) {
	l.infos = append(l.infos, Note{Level: slog.LevelInfo, Text: text})
}

// open reads the main file.
func (l *loader) open(path string) error {
	full := l.host.abs(path)
	l.path = path
	l.here, _ = pytext.SplitPath(full)
	l.enter(l.scopes[EnvNames])
	if path == "" || !l.host.exists(full) {
		return &Error{Text: "could not find config file " + path, File: path}
	}
	data, err := l.host.ReadFile(full)
	if err != nil {
		return &Error{Text: "could not read config file " + path, File: path}
	}
	return syntaxError(l.file.Read(path, data))
}

// enter makes env the scope that all others are inside of.
func (l *loader) enter(env *scope) {
	l.scopes[EnvNames] = env
	l.scopes[HereNames] = env.inner(map[string]pytext.Value{"here": pytext.Str(l.here)})
}

// withHost returns the scope of here, host_node_name and the environment.
func (l *loader) withHost() *scope {
	return l.scopes[HereNames].inner(map[string]pytext.Value{"host_node_name": pytext.Str(l.host.Hostname)})
}

// include reads the files that [include] names, if there is such a section.
//
// Only then is every %(here)s replaced where it stands: first by the directory of
// the main file, and after each included file by that one's, which thus meets the
// values that came with it. A %%(here)s loses one percent sign to that.
func (l *loader) include() error {
	if !l.file.Has("include") {
		return nil
	}
	l.replaceHere(l.here)
	files := option(InInclude, "files")
	text, ok := l.file.Get("include", "files")
	if !ok {
		return l.at("include", "", errors.New(files.Required))
	}
	text, err := l.withHost().expand(text, "include.files")
	if err != nil {
		return l.at("include", "files", err)
	}
	base, _ := pytext.SplitPath(l.host.abs(l.path))
	for _, pattern := range pytext.Fields(text) {
		pattern = pytext.JoinPath(base, pattern)
		found := l.host.glob(pattern)
		if found == nil {
			l.warn(`No file matches via include "` + pattern + `"`)
		}
		for _, path := range found {
			if err := l.includeFile(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// includeFile reads one more file. One that cannot be opened says nothing.
func (l *loader) includeFile(path string) error {
	l.info(`Included extra file "` + path + `" during parsing`)
	if data, err := l.host.ReadFile(path); err == nil {
		if err := l.file.Read(path, data); err != nil {
			return syntaxError(err)
		}
	}
	dir, _ := pytext.SplitPath(l.host.abs(path))
	l.replaceHere(dir)
	return nil
}

// replaceHere writes a directory where values say %(here)s.
func (l *loader) replaceHere(dir string) {
	for _, section := range l.file.Sections() {
		for _, key := range l.file.Keys(section) {
			text, _ := l.file.Get(section, key)
			if strings.Contains(text, "%(here)s") {
				l.file.Set(section, key, strings.ReplaceAll(text, "%(here)s", dir))
			}
		}
	}
}

// supervisord reads all that supervisord needs, in Supervisor's order.
func (l *loader) supervisord(conf *Config, o *Options) error {
	sup := &conf.Supervisord
	var user *string
	if err := l.ownSection(sup, &user); err != nil {
		return err
	}
	l.enter(l.scopes[EnvNames].varScope(sup.Environment))
	var err error
	if conf.Interfaces, err = l.plugins(InInterface, "rpcinterface:"); err != nil {
		return err
	}
	if conf.Groups, err = l.groups(sup.Environment); err != nil {
		return err
	}
	if conf.Servers, err = l.servers(); err != nil {
		return err
	}
	if err := l.override(sup, user, o); err != nil {
		return err
	}
	return l.findChildLogDir(conf)
}

// ownSection reads [supervisord]. User is left to be looked up later.
func (l *loader) ownSection(sup *Supervisord, user **string) error {
	t := l.target("supervisord")
	t.sup = sup
	var named string
	t.user = &named
	if err := l.read(InSupervisord, t); err != nil {
		return err
	}
	if _, ok := l.file.Get("supervisord", "user"); ok {
		*user = &named
	}
	text, _ := l.file.Get("supervisord", "environment")
	text, err := l.withHost().expand(text, "environment")
	if err == nil {
		err = option(InSupervisord, "environment").set(t, text)
	}
	if err != nil {
		return l.at("supervisord", "environment", err)
	}
	return nil
}

// override puts the command line over the file, fills in what depends on both, and
// looks the user up.
func (l *loader) override(sup *Supervisord, user *string, o *Options) error {
	logfile, pidfile := sup.Logfile, sup.Pidfile
	t := l.target("")
	t.sup = sup
	var named string
	t.user = &named
	for _, s := range o.settings {
		if err := s.option.set(t, s.text); err != nil {
			return &Error{Text: fmt.Sprintf("invalid value for %s %s: %v", s.flag, pytext.Repr(s.text), err)}
		}
		if s.option.Key == "user" {
			user = &named
		}
	}
	if sup.Logfile == "" { // an empty option is none
		sup.Logfile = logfile
	}
	if sup.Pidfile == "" {
		sup.Pidfile = pidfile
	}
	if sup.Logfile != "syslog" {
		sup.Logfile = l.host.normalize(sup.Logfile)
	}
	sup.Pidfile = l.host.normalize(sup.Pidfile)
	if user != nil {
		u, err := l.host.user(*user)
		if err != nil {
			return l.at("supervisord", "user", err)
		}
		sup.User = u
	}
	return nil
}

// findChildLogDir finds a place for AUTO logs, where childlogdir names none. Where
// there is none to be had that is an error only if a program wants one: a container
// whose file system is read-only has none and needs none.
func (l *loader) findChildLogDir(conf *Config) error {
	dir := &conf.Supervisord.ChildLogDir
	if *dir != "" {
		*dir = l.host.abs(*dir)
		return nil
	}
	temp, err := l.host.tempDir()
	if err != nil && conf.wantsAuto() {
		return l.at("supervisord", "childlogdir", err)
	}
	*dir = temp
	return nil
}

// wantsAuto says whether any program has an AUTO log.
func (c *Config) wantsAuto() bool {
	return slices.ContainsFunc(c.Groups, func(g Group) bool {
		return slices.ContainsFunc(g.Processes, func(p Process) bool { return p.Stdout.Auto || p.Stderr.Auto && !p.RedirectErr })
	})
}

// read reads the options of one kind of section that are not raw, in the order of
// the table.
func (l *loader) read(kind Kinds, t *target) error {
	for _, o := range optionsIn(kind) {
		if o.raw {
			continue
		}
		if _, err := l.readOption(o, t); err != nil {
			return err
		}
	}
	return nil
}

// readOption reads one option of the section that t is the target of. It says
// whether the file has it.
func (l *loader) readOption(o *Option, t *target) (given bool, err error) {
	text, given := l.file.Get(t.section, o.Key)
	switch {
	case !given && o.Required != "":
		return false, l.at(t.section, "", errors.New(required(o, t.section)))
	case !given && o.Default == "":
		return false, nil
	case !given:
		text = o.Default
	case !o.raw:
		if text, err = l.expandOption(o, t.section, text); err != nil {
			return true, l.at(t.section, o.Key, err)
		}
	}
	if err := o.set(t, text); err != nil {
		return given, l.at(t.section, o.Key, err)
	}
	return given, nil
}

// expandOption fills in the names in an option's text.
func (l *loader) expandOption(o *Option, section, text string) (string, error) {
	s, label := l.scopes[o.Names], section+"."+o.Key
	if o.label {
		label = o.Key
	}
	text, err := s.expand(text, label)
	if err != nil || !o.twice {
		return text, err
	}
	return s.expand(text, o.Key)
}

// required is the error for a missing key.
func required(o *Option, section string) string {
	return strings.ReplaceAll(o.Required, "%s", section)
}
