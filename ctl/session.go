package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/api"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/internal/pytext"
)

// A session is one run of supervisorctl: where it speaks to, what it has learned
// and the exit status so far.
type session struct {
	settings      *config.Ctl
	interactive   bool // somebody can be asked
	dial          dialer
	interruptible interruptible
	input         input
	out, err      io.Writer

	dialled sirdar.Supervisor    // nil until it is needed, and again after open
	rows    []sirdar.ProcessInfo // what completion knows, until the next command
	exit    int                  // the last assignment wins, as in Supervisor
}

// errLeave ends the prompt; errInterrupted is Ctrl-C where a line was awaited.
var (
	errLeave       = errors.New("leave the prompt")
	errInterrupted = errors.New("interrupted")
)

// do runs one line. It never fails: whatever goes wrong is said on standard
// output and stands in the exit status. It tells whether the prompt should end.
func (s *session) do(ctx context.Context, line string) (leave bool) {
	line = strings.TrimSpace(line)
	if line == "" {
		return false
	}
	name, rest := parse(line)
	cmd, known := lookup(name)
	if !known {
		s.say("*** Unknown syntax: %s", line)
		s.exit = exitGeneric
		return false
	}

	s.rows = nil
	ctx, stop := s.interruptible(ctx)
	defer stop()
	err := s.authorized(ctx, func() error {
		return s.call(ctx, &cmd, pytext.Fields(rest))
	})
	switch {
	case err == nil:
		return false
	case errors.Is(err, errLeave):
		return true
	case errors.Is(err, errInterrupted) || ctx.Err() != nil:
		s.say("")
		s.exit = exitInterrupt
		return true
	case isUnauthorized(err):
		s.say("Server requires authentication")
	default:
		s.say("error: %v", s.explain(err))
	}
	s.exit = exitGeneric
	return false
}

// explain names the address as the user knows it where a connection was the
// trouble.
func (s *session) explain(err error) error {
	var trouble *net.OpError
	if errors.As(err, &trouble) {
		return fmt.Errorf("%s: %w", s.settings.ServerURL, trouble.Err)
	}
	return err
}

// call prepares what the command's row asks for and runs it.
func (s *session) call(ctx context.Context, cmd *command, args []string) error {
	c := &call{session: s, command: cmd, args: args}
	if cmd.takes == nothing && len(args) > 0 {
		return c.refuseArguments()
	}
	if cmd.reach == offline {
		return cmd.run(ctx, c)
	}
	if err := c.connect(); err != nil {
		return err
	}
	if cmd.reach == checked {
		if ok, err := c.upcheck(ctx); !ok {
			return err
		}
	}
	return cmd.run(ctx, c)
}

// connect finds whom to speak to. It opens nothing yet.
func (c *call) connect() error {
	if c.dialled == nil {
		node, err := c.dial(c.settings.ServerURL, c.settings.Username, c.settings.Password)
		if err != nil {
			return err
		}
		c.dialled = node
	}
	c.node = c.dialled
	return nil
}

// upcheck asks the daemon who it is, and says why not when it cannot be worked
// with. Only what has no sentence of its own comes back as an error.
func (c *call) upcheck(ctx context.Context) (ok bool, err error) {
	c.about, err = c.node.About(ctx)
	switch {
	case errors.Is(err, &sirdar.Fault{Code: sirdar.UnknownMethod}):
		c.say("Sorry, supervisord responded but did not recognize the supervisor namespace commands that " +
			"supervisorctl uses to control it.  Please check that the [rpcinterface:supervisor] section is " +
			"enabled in the configuration file (see sample.conf).")
		c.exit = exitNoMethods
		return false, nil
	case errors.Is(err, syscall.ECONNREFUSED):
		c.say("%s refused connection", c.settings.ServerURL)
		c.exit = exitRefused
		return false, nil
	case errors.Is(err, syscall.ENOENT):
		c.say("%s no such file", c.settings.ServerURL)
		c.exit = exitNotRunning
		return false, nil
	case err != nil:
		return false, err
	case c.about.APIVersion != sirdar.APIVersion:
		c.say("Sorry, this version of supervisorctl expects to talk to a server with API version %s, "+
			"but the remote version is %s.", sirdar.APIVersion, c.about.APIVersion)
		c.exit = exitWrongAPI
		return false, nil
	}
	return true, nil
}

// authorized does something and, when the server wants a name and a password and
// there is somebody to ask, asks and does it again until they are accepted.
func (s *session) authorized(ctx context.Context, do func() error) error {
	for {
		err := do()
		if !s.interactive || !isUnauthorized(err) {
			return err
		}
		s.say("Server requires authentication")
		if err := s.askCredentials(ctx); err != nil {
			return err
		}
	}
}

func (s *session) askCredentials(ctx context.Context) error {
	username, err := s.ask(ctx, "Username:")
	if err != nil {
		return err
	}
	password, err := s.input.Password(ctx, "Password:")
	if err != nil {
		return noAnswer(err)
	}
	s.say("")
	s.settings.Username, s.settings.Password = username, password
	s.dialled = nil
	return nil
}

// ask puts a question and returns the answer.
func (s *session) ask(ctx context.Context, question string) (string, error) {
	answer, err := s.input.Line(ctx, question)
	return answer, noAnswer(err)
}

// confirm asks a question whose answer is yes when it begins with a y.
func (s *session) confirm(ctx context.Context, question string) (bool, error) {
	if !s.interactive {
		return true, nil
	}
	answer, err := s.ask(ctx, question)
	return strings.HasPrefix(strings.ToLower(answer), "y"), err
}

// noAnswer puts the end of the input into words; a question needs an answer.
func noAnswer(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("no answer: the input has ended")
	}
	return err
}

func isUnauthorized(err error) bool {
	var status *api.StatusError
	return errors.As(err, &status) && status.Code == http.StatusUnauthorized
}

// faultCode returns the code of the fault that the error is, 0 if it is none.
func faultCode(err error) sirdar.FaultCode {
	var fault *sirdar.Fault
	if errors.As(err, &fault) {
		return fault.Code
	}
	return 0
}
