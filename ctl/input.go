package ctl

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/peterh/liner"
	"golang.org/x/sys/unix"
)

// An input is where lines come from: a terminal with editing and history, or a
// pipe, on which no escape code is ever written.
type input interface {
	// Line shows a prompt and returns what was entered, without its line end. It
	// fails with io.EOF at the end of the input and with errInterrupted when the
	// context ends or Ctrl-C is pressed, with the cursor on a fresh line.
	Line(ctx context.Context, prompt string) (string, error)

	// Password is Line without showing what is entered, as far as that is
	// possible.
	Password(ctx context.Context, prompt string) (string, error)

	// Remember adds a line to the history.
	Remember(line string)

	// Close gives the terminal back as it was.
	Close()
}

// openInput opens the terminal for editing when the prompt is on one, and reads
// plain lines otherwise.
func (s *session) openInput(in io.Reader, terminal, prompt bool) input {
	if terminal && prompt && liner.TerminalSupported() {
		return newEditor(s)
	}
	return newPlainInput(in, terminal, s.out, s.err)
}

// isStdTerminal says whether lines can be edited: the editor knows only the
// process's own standard input and output.
func isStdTerminal(in io.Reader, out io.Writer) bool {
	return in == os.Stdin && out == os.Stdout && isTerminal(os.Stdin) && isTerminal(os.Stdout)
}

// isTerminal asks for the window's size, which only terminals have, on every
// kind of Unix.
func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	return err == nil
}

// A plainInput reads lines from anything.
type plainInput struct {
	out, err io.Writer
	terminal bool // which can be told not to show what is typed
	want     chan struct{}
	lines    chan plainLine
	pending  bool // a line was asked for and has not come yet
}

type plainLine struct {
	text string
	err  error
}

// newPlainInput starts a reader that reads a line only when one is wanted. It
// cannot be told to give up a read that blocks; a program that ends takes it
// along.
func newPlainInput(in io.Reader, terminal bool, out, err io.Writer) *plainInput {
	p := &plainInput{
		out: out, err: err, terminal: terminal,
		want: make(chan struct{}, 1), lines: make(chan plainLine, 1),
	}
	go func() {
		reader := bufio.NewReader(in)
		for range p.want {
			text, err := reader.ReadString('\n')
			if text != "" {
				err = nil // a last line without its end is a line
			}
			p.lines <- plainLine{strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), err}
		}
	}()
	return p
}

func (p *plainInput) Line(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(p.out, prompt)
	return p.read(ctx)
}

func (p *plainInput) read(ctx context.Context) (string, error) {
	if !p.pending {
		p.want <- struct{}{}
		p.pending = true
	}
	select {
	case line := <-p.lines:
		p.pending = false
		return line.text, line.err
	case <-ctx.Done():
		fmt.Fprintln(p.out)
		return "", errInterrupted
	}
}

// Password asks on standard error, so that the question does not end up in the
// output, and admits that a pipe hides nothing.
func (p *plainInput) Password(ctx context.Context, prompt string) (string, error) {
	if p.terminal {
		editor := liner.NewLiner()
		defer editor.Close()
		editor.SetCtrlCAborts(true)
		return edited(editor.PasswordPrompt(prompt))
	}
	fmt.Fprintln(p.err, "Warning: Password input may be echoed.")
	fmt.Fprint(p.err, prompt)
	return p.read(ctx)
}

func (p *plainInput) Remember(string) {}

func (p *plainInput) Close() { close(p.want) }

// An editor reads lines from the terminal with editing, history and completion.
// Between two lines the terminal is as it was found, so that Ctrl-C is a signal
// again and a program's output looks right.
type editor struct {
	state   *liner.State
	cooked  liner.ModeApplier // as it was found
	raw     liner.ModeApplier // as the editor needs it
	history string            // the file, "" for none
	err     io.Writer
}

func newEditor(s *session) *editor {
	e := &editor{history: s.settings.HistoryFile, err: s.err}
	e.cooked, _ = liner.TerminalMode()
	e.state = liner.NewLiner()
	e.raw, _ = liner.TerminalMode()
	e.apply(e.cooked)

	e.state.SetCtrlCAborts(true)
	e.state.SetTabCompletionStyle(liner.TabPrints)
	e.state.SetWordCompleter(s.completeAt)
	if file, err := os.Open(e.history); err == nil {
		e.state.ReadHistory(file)
		file.Close()
	}
	return e
}

func (e *editor) apply(mode liner.ModeApplier) {
	if mode != nil {
		mode.ApplyMode()
	}
}

func (e *editor) Line(_ context.Context, prompt string) (string, error) {
	e.apply(e.raw)
	defer e.apply(e.cooked)
	return edited(e.state.Prompt(prompt))
}

func (e *editor) Password(_ context.Context, prompt string) (string, error) {
	e.apply(e.raw)
	defer e.apply(e.cooked)
	return edited(e.state.PasswordPrompt(prompt))
}

// edited translates the editor's word for Ctrl-C.
func edited(line string, err error) (string, error) {
	if errors.Is(err, liner.ErrPromptAborted) {
		err = errInterrupted
	}
	return line, err
}

func (e *editor) Remember(line string) { e.state.AppendHistory(line) }

// Close keeps the history, readable for its owner alone: lines can hold secrets.
func (e *editor) Close() {
	if e.history != "" {
		if err := e.save(); err != nil {
			fmt.Fprintf(e.err, "supervisorctl: cannot keep the history: %v\n", err)
		}
	}
	e.state.Close()
}

func (e *editor) save() error {
	file, err := os.OpenFile(e.history, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = e.state.WriteHistory(file)
	return errors.Join(err, file.Close())
}

// A shared writer lets several goroutines write, one whole piece after another: in
// the foreground a program's outputs and the prompt meet on one screen.
type shared struct {
	lock sync.Mutex
	to   io.Writer
}

func (w *shared) Write(text []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.to.Write(text)
}
