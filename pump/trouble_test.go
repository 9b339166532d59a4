//go:build linux

package pump_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sirdar-project/sirdar/logfile"
)

// logged is the sink of a program whose log is a file.
type logged struct {
	*logfile.File
	ended chan struct{}
}

func (l logged) Chunk(p []byte) { l.Write(p) }
func (l logged) End()           { l.Close(); close(l.ended) }

// The log's trouble is not the program's: it goes on writing, gets no SIGPIPE, and
// when the directory is back so is the log. users-want 2A 7 and 2B 3.
func TestAProgramDoesNotFeelThatItsLogIsIll(t *testing.T) {
	for _, ill := range []string{"a removed directory", "a full device"} {
		t.Run(ill, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "logs")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "log")
			if ill == "a full device" {
				path = "/dev/full"
			}
			f := logfile.New(path, logfile.Options{MaxBytes: 50 << 20, Backups: 10})
			if err := f.Open(); err != nil {
				t.Fatal(err)
			}
			p := newPump(t)
			fd, w := pipe(t)
			l := logged{f, make(chan struct{})}
			stream := add(t, p, fd, l)

			// It says on its standard error how far it is, and waits for a word.
			cmd := exec.Command("/bin/sh", "-c", `echo first; head -c 300000 /dev/zero; echo written >&2; read word; echo last; echo ended >&2`)
			cmd.Stdout = w
			word, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stderr, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			os.RemoveAll(dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			w.Close()
			said := bufio.NewReader(stderr)
			if line, err := said.ReadString('\n'); line != "written\n" {
				t.Fatalf("the program said %q, %v", line, err)
			}
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			word.Write([]byte("go on\n"))
			if line, err := said.ReadString('\n'); line != "ended\n" {
				t.Fatalf("the program said %q, %v", line, err)
			}
			if err := cmd.Wait(); err != nil {
				t.Fatalf("the program suffered from its log: %v", err)
			}
			stream.Finish()
			<-l.ended
			if path == "/dev/full" {
				return
			}
			got, err := os.ReadFile(path)
			if err != nil || !strings.HasSuffix(string(got), "last\n") {
				t.Errorf("the log holds %d bytes, %v; want it to resume with the last line", len(got), err)
			}
		})
	}
}
