//go:build linux

package oracle

// Side is one of the two daemons.
type Side int

// The sides of a comparison.
const (
	Supervisor Side = iota // Python's
	Sirdar                 // ours
)

// String returns the side's name.
func (s Side) String() string {
	if s == Supervisor {
		return "Supervisor"
	}
	return "Sirdar"
}

// A Scenario is one story that both daemons are put through.
//
// In Config, Files, Env and in every argument of a step the words {dir} (the
// run's directory), {port} and {port2} (free TCP ports), {base} (the sections every daemon
// needs: a socket, a log, a pidfile, the RPC interface and supervisorctl's) and
// {tcp} (a password-protected server on {port}) are replaced.
type Scenario struct {
	Name   string
	Config string            // becomes {dir}/supervisord.conf; no file when empty
	Files  map[string]string // by path below {dir}; a text that begins with #! becomes executable
	Env    []string          // NAME=value, beyond PATH, HOME, LANG, TZ and TMPDIR={dir}/tmp
	Shell  string            // what the shell does before it execs the daemon: umask, ulimit
	Nobody bool              // run the daemon as nobody where the test runs as root
	Steps  []Step

	// Unlogged leaves the main log out of the transcript; Waiting keeps its
	// "waiting for x to stop" and "to die" lines, whose number depends on speed.
	Unlogged bool
	Waiting  bool

	// Ignore drops lines of the main log, each pattern for the sake of the
	// difference whose id is the key.
	Ignore map[string]string
}

// A Step does something to the daemon and writes what came of it.
type Step func(*Run)

// base is what {base} stands for.
const base = `[unix_http_server]
file={dir}/s.sock
[supervisord]
logfile={dir}/main.log
pidfile={dir}/sd.pid
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{dir}/s.sock
`

// tcp is what {tcp} stands for.
const tcp = `[inet_http_server]
port=127.0.0.1:{port}
username=user
password=pass:word
`
