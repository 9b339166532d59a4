// Package signals knows the names of signals as Supervisor spells them: for
// stopsignal= and supervisorctl signal on the way in, for log lines on the way
// out.
package signals

import (
	"strconv"
	"strings"
	"syscall"
)

// A named is one spelling of a signal. Where a number has several, the first
// in the table is the one that log lines show.
type named struct {
	name string
	sig  syscall.Signal
}

// common are the names that every Unix has. The aliases of one number follow the
// name that Supervisor prints.
var common = []named{
	{"SIGHUP", syscall.SIGHUP},
	{"SIGINT", syscall.SIGINT},
	{"SIGQUIT", syscall.SIGQUIT},
	{"SIGILL", syscall.SIGILL},
	{"SIGTRAP", syscall.SIGTRAP},
	{"SIGABRT", syscall.SIGABRT},
	{"SIGIOT", syscall.SIGABRT},
	{"SIGBUS", syscall.SIGBUS},
	{"SIGFPE", syscall.SIGFPE},
	{"SIGKILL", syscall.SIGKILL},
	{"SIGUSR1", syscall.SIGUSR1},
	{"SIGSEGV", syscall.SIGSEGV},
	{"SIGUSR2", syscall.SIGUSR2},
	{"SIGPIPE", syscall.SIGPIPE},
	{"SIGALRM", syscall.SIGALRM},
	{"SIGTERM", syscall.SIGTERM},
	{"SIGCHLD", syscall.SIGCHLD},
	{"SIGCONT", syscall.SIGCONT},
	{"SIGSTOP", syscall.SIGSTOP},
	{"SIGTSTP", syscall.SIGTSTP},
	{"SIGTTIN", syscall.SIGTTIN},
	{"SIGTTOU", syscall.SIGTTOU},
	{"SIGURG", syscall.SIGURG},
	{"SIGXCPU", syscall.SIGXCPU},
	{"SIGXFSZ", syscall.SIGXFSZ},
	{"SIGVTALRM", syscall.SIGVTALRM},
	{"SIGPROF", syscall.SIGPROF},
	{"SIGWINCH", syscall.SIGWINCH},
	{"SIGSYS", syscall.SIGSYS},
}

var (
	byName   = map[string]syscall.Signal{}
	byNumber = map[syscall.Signal]string{}
)

func init() {
	for _, table := range [][]named{common, local} {
		for _, n := range table {
			byName[n.name] = n.sig
			if _, taken := byNumber[n.sig]; !taken {
				byNumber[n.sig] = n.name
			}
		}
	}
}

// Name returns the name that Supervisor's log lines give a signal: "SIGTERM", or
// "signal 35" for a number without a name.
func Name(sig syscall.Signal) string {
	if name, ok := byNumber[sig]; ok {
		return name
	}
	return "signal " + strconv.Itoa(int(sig))
}

// Parse reads a signal as stopsignal= and supervisor.signalProcess take it: a
// number that has a name, 0 (the null signal, which only asks whether there is
// somebody), or a name with or without SIG in any case. The text may have space
// round it. RTMIN and RTMAX are names; RTMIN+1 is not.
func Parse(text string) (sig syscall.Signal, ok bool) {
	text = strings.TrimSpace(text)
	if IsNumber(text) {
		n, err := strconv.Atoi(strings.ReplaceAll(text, "_", ""))
		if err != nil { // too large for any signal
			return 0, false
		}
		sig = syscall.Signal(n)
		_, known := byNumber[sig]
		return sig, known || n == 0
	}

	name := strings.ToUpper(text)
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	sig, ok = byName[name]
	return sig, ok
}

// IsNumber says whether Python's int() would read the text as a number: digits,
// single underscores between them, perhaps a sign, perhaps space round it. It
// decides which of Supervisor's two errors a wrong signal is: "not a valid signal
// number" or "not a valid signal name".
func IsNumber(text string) bool {
	text = strings.TrimSpace(text)
	if text != "" && (text[0] == '+' || text[0] == '-') {
		text = text[1:]
	}
	last := byte('_')
	for i := range len(text) {
		c := text[i]
		if (c < '0' || c > '9') && (c != '_' || last == '_') {
			return false
		}
		last = c
	}
	return last != '_'
}
