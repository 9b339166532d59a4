package spawn

import (
	"os"
	"strings"
	"syscall"

	"github.com/sirdar-project/sirdar/internal/pytext"
	"golang.org/x/sys/unix"
)

// A CommandError says why a command cannot be run. Its text is Supervisor's
// spawnerr.
type CommandError struct {
	Text     string
	NotFound bool // the fault is NO_FILE; else it is NOT_EXECUTABLE
}

func (e *CommandError) Error() string { return e.Text }

// Resolve splits a command into words and finds the file to exec. It is asked
// anew at every start, because files come and go.
//
// A first word with a slash is the file, as seen from our working directory.
// Any other is searched in the directories of path, split at colons; the first
// entry of that name is taken, whatever it is: an entry that cannot be executed
// hides a later one that could. See [SearchPath] for path.
func Resolve(command, path string) (file string, args []string, err error) {
	args, err = pytext.Split(command)
	if err != nil {
		return "", nil, refuse("can't parse command " + pytext.Repr(command) + ": " + err.Error())
	}
	if len(args) == 0 {
		return "", nil, refuse("command is empty")
	}
	file, info, err := find(args[0], path)
	if err != nil {
		return "", nil, &CommandError{Text: "can't find command " + pytext.Repr(file), NotFound: true}
	}
	switch {
	case info.IsDir():
		return "", nil, refuse("command at " + pytext.Repr(file) + " is a directory")
	case info.Mode()&0o111 == 0:
		return "", nil, refuse("command at " + pytext.Repr(file) + " is not executable")
	case unix.Access(file, unix.X_OK) != nil:
		return "", nil, refuse("no permission to run command " + pytext.Repr(file))
	}
	return file, args, nil
}

// find returns the file that a command's first word means. On failure it returns
// the word.
func find(word, path string) (string, os.FileInfo, error) {
	if strings.Contains(word, "/") {
		info, err := os.Stat(word)
		return word, info, err
	}
	for dir := range strings.SplitSeq(path, ":") {
		file := pytext.JoinPath(dir, word)
		if info, err := os.Stat(file); err == nil {
			return file, info, nil
		}
	}
	return word, nil, syscall.ENOENT
}

// SearchPath returns where commands are searched: PATH as the process's
// environment setting defines it, be it empty; else supervisord's own; else
// Supervisor's default.
func SearchPath(setting func(name string) (string, bool), own string) string {
	if path, ok := setting("PATH"); ok {
		return path
	}
	if own != "" {
		return own
	}
	return "/bin:/usr/bin:/usr/local/bin"
}

func refuse(text string) error { return &CommandError{Text: text} }
