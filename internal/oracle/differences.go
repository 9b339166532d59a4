package oracle

// A Difference is one thing that ours does otherwise than Supervisor on purpose.
type Difference struct {
	ID   string // how scenarios name it
	What string // one line; it stands word for word in docs/differences.md
	Why  string
}

// Differences are all of them that a scenario shows. docs/differences.md, which
// is written for users, has a row for each.
var Differences = []Difference{
	{
		ID:   "version",
		What: "version",
		Why:  "the release whose behaviour is followed is 4.4; Debian's is 4.2.5",
	},
	{
		ID:   "environment-posix",
		What: "quotes and backslashes in `environment=`",
		Why:  "as Supervisor 4.4 reads them, not as 4.2 did",
	},
	{
		ID:   "bad-configuration-at-restart",
		What: "a wrong configuration at SIGHUP or `reload`",
		Why:  "a typing error must not stop what runs",
	},
	{
		ID:   "relative-configuration",
		What: "a relative `-c` together with `directory` and SIGHUP",
		Why:  "the file is looked for where it was found the first time",
	},
	{
		ID:   "second-start",
		What: "a second start with the same configuration",
		Why:  "it looks at the socket before it touches anything of the first",
	},
	{
		ID:   "clear-stopped",
		What: "clearing the logs of a program that does not run",
		Why:  "the answer said that it was done",
	},
	{
		ID:   "capture-tail",
		What: "the last 24 bytes of a program with `capture_maxbytes`",
		Why:  "not one byte is lost",
	},
	{
		ID:   "cut-characters",
		What: "reading a log from the middle of a character",
		Why:  "the rest is as good as it was",
	},
	{
		ID:   "stop-order",
		What: "the order of `stop all` and of stopping a group",
		Why:  "what depends on others goes first",
	},
	{
		ID:   "shutdown-order",
		What: "shutdown",
		Why:  "15 stopped programs made SIGTERM take 16 seconds",
	},
	{
		ID:   "environment-once",
		What: "`%%` in `[supervisord] environment`",
		Why:  "as Supervisor 4.4 does; 4.2 expands the value twice",
	},
	{
		ID:   "nameless",
		What: "`%s` without a name in a value",
		Why:  "a daemon's whole environment does not belong into a path",
	},
	{
		ID:   "unseekable-log",
		What: "a log on a pipe or a terminal with `maxbytes` that is not 0",
		Why:  "what cannot be renamed cannot be rotated, which is no reason to die",
	},
	{
		ID:   "socket-comes-back",
		What: "a unix socket that somebody deletes under the running daemon",
		Why:  "a daemon that nobody can talk to is of no use",
	},
	{
		ID:   "file-at-socket",
		What: "a file that is no socket at the path of the unix socket",
		Why:  "a typing error must not cost a file",
	},
	{
		ID:   "unresolvable",
		What: "an `rpcinterface` that nobody has",
		Why:  "as Supervisor 4.4 does, and a Python module cannot be had",
	},
	{
		ID:   "pidproxy-says",
		What: "`pidproxy` with a command that cannot be started",
		Why:  "five seconds of silence tell nobody what is wrong",
	},
	{
		ID:   "usr1",
		What: "SIGUSR1 to the daemon",
		Why:  "nobody wants that, and other supervisors use this signal otherwise",
	},
	{
		ID:   "reread-auto",
		What: "reread of a log file that becomes AUTO",
		Why:  "the file says something else than what runs",
	},
	{
		ID:   "reread-paths",
		What: "reread of another `logfile` or `pidfile`",
		Why:  "the old pidfile stayed behind, and the log could not be read",
	},
	{
		ID:   "reread-says",
		What: "a wrong configuration at reread",
		Why:  "who looks at the log finds what the caller has lost",
	},
	{
		ID:   "user-at-reread",
		What: "reread of `[supervisord]` with a `user` that does not exist",
		Why:  "what reread accepts, a restart can use",
	},
	{
		ID:   "listed-twice",
		What: "a program listed twice in a `[group]`",
		Why:  "it is one program",
	},
	{
		ID:   "forgotten-variables",
		What: "variables that `[supervisord] environment` does not set any more",
		Why:  "reread says what a restart would say",
	},
	{
		ID:   "log-comes-back",
		What: "a log file that somebody deletes or renames",
		Why:  "not one byte is lost",
	},
	{
		ID:   "follow-rotation",
		What: "`tail -f` across a rotation",
		Why:  "who follows a log wants all of it",
	},
	{
		ID:   "tracebacks",
		What: "an exception that a fault or the log reports",
		Why:  "where in the source it came up helps nobody who runs it",
	},
	{
		ID:   "prompt",
		What: "a poll once a second",
		Why:  "ours acts when something happens, so lines that tell of a race between the poll and a quick end do not come",
	},
}

// difference finds a row by its id.
func difference(id string) (Difference, bool) {
	for _, d := range Differences {
		if d.ID == id {
			return d, true
		}
	}
	return Difference{}, false
}
