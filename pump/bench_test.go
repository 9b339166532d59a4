//go:build linux

package pump_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/sirdar-project/sirdar/logfile"
	"github.com/sirdar-project/sirdar/pump"
)

// lineLength is the length of the numbered lines that the benchmark's programs
// write, and blockLength that of a large write.
const (
	lineLength  = 100
	blockLength = 64 << 10
)

// TestMain turns this program into a writer when the benchmark asks for one:
//
//	pump.test -writer LINES BLOCK
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == "-writer" {
		lines, _ := strconv.Atoi(os.Args[2])
		block, _ := strconv.Atoi(os.Args[3])
		writer(lines, block)
	}
	os.Exit(m.Run())
}

// writer waits for the end of its standard input, then writes numbered lines with
// one write for each line or block.
func writer(lines, block int) {
	io.Copy(io.Discard, os.Stdin)
	line := newLine()
	out := make([]byte, 0, block+lineLength)
	for range lines {
		out = append(out, line...)
		next(line)
		for len(out) >= block {
			writeRaw(out[:block])
			out = out[:copy(out, out[block:])]
		}
	}
	writeRaw(out)
	os.Exit(0)
}

// writeRaw writes without telling Go's scheduler, as a C program would.
func writeRaw(p []byte) {
	for len(p) > 0 {
		n, err := rawWrite(1, p)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			os.Exit(1)
		}
		p = p[n:]
	}
}

// newLine returns line 0: "#000000000000 xxx…\n".
func newLine() []byte {
	line := bytes.Repeat([]byte("x"), lineLength)
	copy(line, "#000000000000 ")
	line[lineLength-1] = '\n'
	return line
}

// next counts a line's number up.
func next(line []byte) {
	for i := 12; i >= 1; i-- {
		if line[i]++; line[i] <= '9' {
			return
		}
		line[i] = '0'
	}
}

// load is what a benchmark moves.
type load struct {
	name     string
	children int
	block    int
	bytes    int
	siblings int // idle pipes in the same pump
}

// BenchmarkCapture moves numbered lines from real programs into log files and
// checks that each arrived, once and in order. Beside it, in the same run, cat does
// the same: "program | cat > file".
//
//	go test ./pump -run=^$ -bench=Capture -benchtime=1x -count=5
func BenchmarkCapture(b *testing.B) {
	for _, l := range []load{
		{"100B-1child", 1, lineLength, 300_000_000, 0},
		{"100B-50children", 50, lineLength, 300_000_000, 0},
		{"64KB-1child", 1, blockLength, 1_500_000_000, 0},
		{"64KB-50children", 50, blockLength, 1_500_000_000, 0},
		{"64KB-1child-1000idle", 1, blockLength, 1_500_000_000, 1000},
	} {
		b.Run(l.name+"/cat", func(b *testing.B) { bench(b, l, catAll) })
		b.Run(l.name+"/pump", func(b *testing.B) { bench(b, l, pumpAll(l.siblings, logfile.Options{})) })
		b.Run(l.name+"/pump-50MB-rotation", func(b *testing.B) {
			bench(b, l, pumpAll(l.siblings, logfile.Options{MaxBytes: 50 << 20, Backups: 60}))
		})
	}
}

// A capture takes what comes out of the read ends to files of the given names. The
// function it returns waits for the end and tells the CPU time that was used.
type capture func(b *testing.B, from []*os.File, to []string) (wait func() time.Duration)

func bench(b *testing.B, l load, capture capture) {
	perChild := l.bytes / l.children / lineLength
	var wall, cpu, theirs time.Duration
	for b.Loop() {
		dir := scratch(b)
		goRead, goWrite, err := os.Pipe()
		if err != nil {
			b.Fatal(err)
		}
		var from []*os.File
		var to []string
		var writers []*exec.Cmd
		for i := range l.children {
			r, w, err := os.Pipe()
			if err != nil {
				b.Fatal(err)
			}
			cmd := exec.Command(os.Args[0], "-writer", strconv.Itoa(perChild), strconv.Itoa(l.block))
			cmd.Stdin, cmd.Stdout = goRead, w
			cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			w.Close()
			writers = append(writers, cmd)
			from, to = append(from, r), append(to, filepath.Join(dir, fmt.Sprint(i)))
		}
		goRead.Close()
		wait := capture(b, from, to)

		begin := time.Now()
		goWrite.Close()
		cpu += wait()
		wall += time.Since(begin)

		for _, cmd := range writers {
			if err := cmd.Wait(); err != nil {
				b.Fatal(err)
			}
			theirs += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		}
		for _, name := range to {
			verify(b, name, perChild)
		}
		os.RemoveAll(dir)
	}
	moved := float64(perChild*lineLength*l.children) * float64(b.N)
	b.ReportMetric(moved/1e6/wall.Seconds(), "MB/s")
	b.ReportMetric(cpu.Seconds()/(moved/1e9), "cpu-s/GB")
	b.ReportMetric(theirs.Seconds()/(moved/1e9), "writers-cpu-s/GB")
	b.ReportMetric(0, "ns/op")
}

// scratch returns a directory in memory, if there is such a place: the disk is not
// what is measured.
func scratch(b *testing.B) string {
	dir, err := os.MkdirTemp("/dev/shm", "sirdar-bench-")
	if err != nil {
		return b.TempDir()
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func catAll(b *testing.B, from []*os.File, to []string) func() time.Duration {
	var cats []*exec.Cmd
	for i, r := range from {
		w, err := os.Create(to[i])
		if err != nil {
			b.Fatal(err)
		}
		cmd := exec.Command("cat")
		cmd.Stdin, cmd.Stdout = r, w
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		r.Close()
		w.Close()
		cats = append(cats, cmd)
	}
	return func() (cpu time.Duration) {
		for _, cmd := range cats {
			if err := cmd.Wait(); err != nil {
				b.Fatal(err)
			}
			cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		}
		return cpu
	}
}

// toFile is the sink of a plain log.
type toFile struct {
	file  *logfile.File
	ended chan struct{}
}

func (s *toFile) Chunk(p []byte) { s.file.Write(p) }
func (s *toFile) End()           { s.file.Close(); close(s.ended) }

func pumpAll(siblings int, o logfile.Options) capture {
	return func(b *testing.B, from []*os.File, to []string) func() time.Duration {
		p, err := pump.New()
		if err != nil {
			b.Fatal(err)
		}
		for range siblings {
			fd, _ := pipe(b)
			add(b, p, fd, null{})
		}
		var sinks []*toFile
		for i, r := range from {
			f := logfile.New(to[i], o)
			if err := f.Open(); err != nil {
				b.Fatal(err)
			}
			fd, err := syscall.Dup(int(r.Fd()))
			if err != nil {
				b.Fatal(err)
			}
			syscall.CloseOnExec(fd)
			syscall.SetNonblock(fd, true)
			r.Close()
			s := &toFile{f, make(chan struct{})}
			sinks = append(sinks, s)
			if _, err := p.Add(fd, s); err != nil {
				b.Fatal(err)
			}
		}
		before := used(b)
		return func() time.Duration {
			for _, s := range sinks {
				<-s.ended
			}
			cpu := used(b) - before
			p.Close()
			return cpu
		}
	}
}

// used returns the CPU time of this process so far.
func used(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// verify reads a log and its backups, oldest first, and counts.
func verify(b *testing.B, name string, lines int) {
	b.Helper()
	backups, _ := filepath.Glob(name + ".*")
	want := newLine()
	count, at := 0, 0
	buf := make([]byte, 10000*lineLength)
	for i := len(backups); i >= 0; i-- {
		path := name
		if i > 0 {
			path = fmt.Sprintf("%s.%d", name, i)
		}
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		for {
			n, err := f.Read(buf)
			for p := buf[:n]; len(p) > 0; {
				k := min(len(p), lineLength-at)
				if !bytes.Equal(p[:k], want[at:at+k]) {
					b.Fatalf("%s: line %d is %q, want %q", path, count, p[:k], want[at:at+k])
				}
				p = p[k:]
				if at += k; at == lineLength {
					at = 0
					count++
					next(want)
				}
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
		}
		f.Close()
	}
	if count != lines || at != 0 {
		b.Fatalf("%s: %d lines and %d bytes arrived, want %d lines", name, count, at, lines)
	}
}
