package spawn

import (
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

// stubName is the argv[0] by which our own executable knows that it is a child
// on its way to becoming a program.
const stubName = "supervisord: child"

// orderFD is the descriptor from which the stub reads what to become.
const orderFD = 3

// An order is a Spec on its way to the stub. Byte slices survive JSON whatever
// is in them; strings would not.
type order struct {
	Path   []byte
	Args   [][]byte
	Env    [][]byte
	Dir    []byte
	HasDir bool
	Umask  int
	Cred   *Cred
}

// startStub starts a child that runs our own executable, which then prepares
// itself step by step and becomes the program: see [Stub]. It costs several
// milliseconds more than a direct start.
func startStub(spec *Spec, files []int) (pid int, err error) {
	r, w, err := openPipe()
	if err != nil {
		return 0, err
	}
	defer syscall.Close(w)
	attr := &syscall.ProcAttr{
		Files: []uintptr{uintptr(files[0]), uintptr(files[1]), uintptr(files[2]), uintptr(r)},
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	}
	pid, err = syscall.ForkExec(ourselves(), []string{stubName}, attr)
	syscall.Close(r)
	if err != nil {
		return 0, err
	}
	// Should the stub die of something, this fails with EPIPE and its death tells.
	send(w, newOrder(spec))
	return pid, nil
}

// ourselves returns the executable that runs now. The kernel's link to it works
// even when the file was replaced or lies where we cannot look any more.
func ourselves() string {
	const link = "/proc/self/exe"
	if exists(link) {
		return link
	}
	if path, err := os.Executable(); err == nil {
		return path
	}
	return os.Args[0] // without /proc
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func newOrder(s *Spec) *order {
	return &order{
		Path: []byte(s.Path), Args: byteSlices(s.Args), Env: byteSlices(s.Env),
		Dir: []byte(s.Dir), HasDir: s.HasDir, Umask: s.Umask, Cred: s.Cred,
	}
}

// send writes an order to a pipe, and blocks while the pipe is full.
func send(fd int, o *order) {
	data, err := json.Marshal(o)
	if err != nil {
		panic(err) // bytes and numbers: there is nothing that could not be written
	}
	for len(data) > 0 {
		n, err := syscall.Write(fd, data)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return
		}
		data = data[n:]
	}
}

// Stub must be the first call of main, and of TestMain where children are
// started. In an ordinary process it returns at once. In a process that the Host
// made as a stub it never returns: it becomes the program that was asked for, or
// says on standard error why it cannot, in the words of Supervisor's child, and
// exits with 127. So a directory that does not exist looks the same to the
// parent, and in the program's log, as it always did.
func Stub() {
	if len(os.Args) != 1 || os.Args[0] != stubName {
		return
	}
	stderr := os.NewFile(2, "stderr")
	if complaint := obey(); complaint != "" {
		stderr.WriteString("supervisor: " + complaint + "\n")
	}
	stderr.WriteString("supervisor: child process was not spawned\n")
	os.Exit(127) // there is no main to return to: this process was never supervisord
}

// obey becomes what the order says. When it returns, that has failed.
func obey() (complaint string) {
	o, err := receive()
	if err != nil {
		return "couldn't read what to start: " + err.Error()
	}
	if complaint := o.Cred.become(); complaint != "" {
		return "couldn't setuid to " + strconv.Itoa(o.Cred.UID) + ": " + complaint
	}
	if o.HasDir {
		if err := syscall.Chdir(string(o.Dir)); err != nil {
			return "couldn't chdir to " + string(o.Dir) + ": " + ErrnoName(err)
		}
	}
	if o.Umask >= 0 {
		syscall.Umask(o.Umask)
	}
	signal.Ignore(syscall.SIGPIPE, syscall.SIGXFSZ) // the runtime has caught them since
	args := stringsOf(o.Args)
	err = syscall.Exec(string(o.Path), args, stringsOf(o.Env))
	return "couldn't exec " + args[0] + ": " + ErrnoName(err)
}

// receive reads the order.
func receive() (*order, error) {
	f := os.NewFile(orderFD, "order")
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	o := new(order)
	return o, json.Unmarshal(data, o)
}

// become changes who we are, or says why not with Supervisor's reason.
func (c *Cred) become() (complaint string) {
	switch {
	case c == nil || c.UID == os.Getuid():
		return ""
	case os.Getuid() != 0:
		return "Can't drop privilege as nonroot user"
	case syscall.Setgroups(c.Groups) != nil:
		return "Could not set groups of effective user"
	case syscall.Setgid(c.GID) != nil:
		return "Could not set group id of effective user"
	}
	if err := syscall.Setuid(c.UID); err != nil {
		return ErrnoName(err)
	}
	return ""
}

func byteSlices(list []string) [][]byte {
	out := make([][]byte, len(list))
	for i, s := range list {
		out[i] = []byte(s)
	}
	return out
}

func stringsOf(list [][]byte) []string {
	out := make([]string, len(list))
	for i, b := range list {
		out[i] = string(b)
	}
	return out
}
