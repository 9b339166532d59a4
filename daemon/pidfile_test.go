package daemon

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func pidLine() string { return fmt.Sprintf("%d\n", os.Getpid()) }

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func claim(t *testing.T, path string) *Pidfile {
	t.Helper()
	p, err := ClaimPidfile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Remove)
	return p
}

// holderLife claims and writes its argument's pidfile, says so, and lives until
// its input ends. It then dies without removing anything.
func holderLife(args []string) int {
	p, err := ClaimPidfile(args[0])
	if err != nil {
		fmt.Println(err)
		return 2
	}
	p.Write(logTo(new(bytes.Buffer)))
	fmt.Println("held")
	io.Copy(io.Discard, os.Stdin)
	return 0
}

// awaited starts a life and returns its first line of output, and a function that
// ends it.
func awaited(t *testing.T, cmd *exec.Cmd) (line string, end func()) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end = func() {
		in.Close()
		cmd.Wait()
	}
	t.Cleanup(end)
	line, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%q, %v", line, err)
	}
	return line, end
}

// core 110
func TestAPidfileIsWrittenOverWhatWasThereAndRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pid")
	if err := os.WriteFile(path, []byte("123456789\nlong ago\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := claim(t, path)
	if got := content(t, path); got != "123456789\nlong ago\n" {
		t.Errorf("a claim changed the file to %q", got)
	}
	for range 2 { // a second time after a restart
		if !p.Write(logTo(new(bytes.Buffer))) || content(t, path) != pidLine() {
			t.Errorf("the file is %q", content(t, path))
		}
	}
	p.Remove()
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is still there")
	}
}

func TestAClaimMakesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pid")
	p := claim(t, path)
	if _, err := os.Stat(path); err == nil {
		t.Error("the file was made")
	}
	p.Remove()
	(*Pidfile)(nil).Remove()
}

func TestASecondStartIsRefusedWhileTheFirstLives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pid")
	first := life(t, "holder", "", path)
	line, end := awaited(t, first)
	if line != "held\n" {
		t.Fatalf("the first says %q", line)
	}
	written := content(t, path)
	p, err := ClaimPidfile(path)
	want := fmt.Sprintf("Another supervisord (pid %d) is already running: it holds the pidfile %s.", first.Process.Pid, path)
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s…", err, want)
	}
	p.Remove()
	if now := content(t, path); now != written {
		t.Errorf("the first one's file was %q, is %q", written, now)
	}
	end() // without removing the file, as after SIGKILL
	claim(t, path).Write(logTo(new(bytes.Buffer)))
	if got := content(t, path); got != pidLine() {
		t.Errorf("after the first has gone the file is %q", got)
	}
}

func TestAnothersPidfileIsNotRemoved(t *testing.T) {
	for name, take := range map[string]func(path string) error{
		"written over": func(path string) error { return os.WriteFile(path, []byte("4711\n"), 0o644) },
		"replaced": func(path string) error {
			return os.Rename(path+".new", path)
		},
	} {
		path := filepath.Join(t.TempDir(), "pid")
		p := claim(t, path)
		p.Write(logTo(new(bytes.Buffer)))
		if err := os.WriteFile(path+".new", []byte(pidLine()), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := take(path); err != nil {
			t.Fatal(err)
		}
		p.Remove()
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// core 104
func TestAPidfileThatCannotBeWrittenIsLogged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "pid")
	var log bytes.Buffer
	if claim(t, path).Write(logTo(&log)) {
		t.Error("it was written")
	}
	if want := "could not write pidfile " + path; !strings.Contains(log.String(), want) || !strings.Contains(log.String(), "level=ERROR+4") {
		t.Errorf("the log is %q", log.String())
	}
}

func TestTwoMayShareWhatIsNoFile(t *testing.T) {
	for range 2 {
		if p := claim(t, os.DevNull); !p.Write(logTo(new(bytes.Buffer))) {
			t.Error("cannot be written")
		}
	}
	if _, err := os.Stat(os.DevNull); err != nil {
		t.Fatal(err)
	}
}
