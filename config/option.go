package config

import "log/slog"

// Kinds is a set of kinds of sections.
type Kinds int

// The kinds of sections.
const (
	InSupervisord   Kinds = 1 << iota // [supervisord]
	InUnixServer                      // [unix_http_server…]
	InInetServer                      // [inet_http_server…]
	InProgram                         // [program:x]
	InFastCGI                         // [fcgi-program:x]
	InEventListener                   // [eventlistener:x]
	InGroup                           // [group:x]
	InInterface                       // [rpcinterface:x]
	InInclude                         // [include]
	InCtl                             // [supervisorctl]
	InCtlPlugin                       // [ctlplugin:x]

	InAnyProgram = InProgram | InFastCGI | InEventListener
	inAnyServer  = InUnixServer | InInetServer
)

// An Option is a key of a configuration file: what it may say, what it says when it
// is not there, and where its value goes. The table of options is the only place
// that knows; the loader, the command line, the sample file and the documentation
// are made from it.
type Option struct {
	Key      string
	In       Kinds
	Type     string // what kind of value it takes, in a word or two
	Default  string // as one would write it; "" = none, see Doc
	Required string // the error when the key is missing, %s for the section; "" = it may be
	Names    Names  // which %(name)s it may use
	Doc      string // one line

	// Of the sample file: the value shown there, if it is not the default, and
	// whether the line is in force or commented out.
	Sample string
	Active bool

	// Of supervisord's command line: "" where there is no such option. Arg is the
	// argument's name in the help; an option without one sets its key to true.
	Short, Long, Arg string

	label bool // errors call it by its key alone, not by section and key
	raw   bool // read unexpanded, expanded later
	twice bool // expanded again after it was expanded: a habit of log file names
	set   func(t *target, text string) error
}

// has says whether the option belongs to one of the kinds of sections.
func (o *Option) has(k Kinds) bool { return o.In&k != 0 }

// Options returns the table of options of the kinds of sections, in the order in
// which they are read, which decides what error is found first.
func optionsIn(k Kinds) []*Option {
	var list []*Option
	for i := range table {
		if table[i].has(k) {
			list = append(list, &table[i])
		}
	}
	return list
}

// option returns one row of the table.
func option(k Kinds, key string) *Option {
	for i := range table {
		if table[i].has(k) && table[i].Key == key {
			return &table[i]
		}
	}
	panic("config: no option " + key)
}

// A target is where the values of one section go.
type target struct {
	host    *Host
	section string
	sup     *Supervisord
	user    *string // [supervisord] user, which is looked up last of all
	server  *Server
	group   *Group
	program *program
	proc    *Process
	fcgi    *fastcgi
	plugin  *Interface
	ctl     *Ctl
	files   *string
	members *[]string // of a [group:x]
	warn    func(text string)
}

// A program is what a program section says beside what its processes need.
type program struct {
	processName  string
	numProcs     int
	numStart     int
	killAsGroup  *bool // nil = as stopasgroup says
	stderrIsFile bool  // stderr_logfile names a file
}

// A fastcgi is what a [fcgi-program:x] section says of its socket.
type fastcgi struct {
	socket   *Socket
	owned    bool // socket_owner was given
	uid, gid int
	mode     *int // nil = not given
	backlog  int
}

// The functions below make setters for the types of values.

func set[T any](parse func(string) (T, error), field func(*target) *T) func(*target, string) error {
	return func(t *target, text string) error {
		v, err := parse(text)
		if err != nil {
			return err
		}
		*field(t) = v
		return nil
	}
}

func setInt(field func(*target) *int) func(*target, string) error { return set(integer, field) }

func setBool(field func(*target) *bool) func(*target, string) error { return set(boolean, field) }

func setSize(field func(*target) *int64) func(*target, string) error { return set(byteSize, field) }

func setLevel(field func(*target) *slog.Level) func(*target, string) error {
	return set(logLevel, field)
}

func setText(field func(*target) *string) func(*target, string) error {
	return set(func(s string) (string, error) { return s, nil }, field)
}

// setPath sets a path that the host checks with check.
func setPath(check func(*Host, string) (string, error), field func(*target) *string) func(*target, string) error {
	return func(t *target, text string) error {
		path, err := check(t.host, text)
		if err != nil {
			return err
		}
		*field(t) = path
		return nil
	}
}
