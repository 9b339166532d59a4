//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const lineLength = 100 // of a writer's lines; child.c has the same

// backups is how many rotated files are kept: enough that none is thrown away.
const backups = 90

// breath is how long a daemon that has started its writers is left alone.
const breath = 500 * time.Millisecond

// A load is what the writers write in one measurement.
type load struct {
	children int
	block    int // bytes in one write
	each     int // bytes of every child
}

func (l load) String() string {
	size := "100-byte lines"
	if l.block > lineLength {
		size = "64 KB blocks"
	}
	if l.children == 1 {
		return "1 program, " + size
	}
	return fmt.Sprintf("%d programs, %s", l.children, size)
}

// measureLogs asks how fast output is captured, at what cost, and counts every line.
func measureLogs(ctx context.Context, r *rig, t *table) error {
	for _, children := range []int{1, 50} {
		for _, kind := range []struct{ block, mb int }{{65536, r.largeMB}, {lineLength, r.smallMB}} {
			each := kind.mb * 1_000_000 / children / lineLength * lineLength
			l := load{children, kind.block, each}
			for round := range r.rounds {
				r.say("log, %v, round %d", l, round+1)
				if err := r.catLogs(t, l); err != nil {
					return err
				}
				for _, who := range r.subjects {
					if err := r.daemonLogs(ctx, t, who, l); err != nil {
						return fmt.Errorf("%s, %v: %w", who.name, l, err)
					}
				}
			}
		}
	}
	return nil
}

// report adds what one measurement brought.
func (l load) report(t *table, column string, took, cpu time.Duration, wrong int) {
	gigabytes := float64(l.children*l.each) / 1e9
	t.add("log: "+l.String(), "MB/s", higher, column, gigabytes*1e3/took.Seconds())
	t.add("  CPU, "+l.String(), "s/GB", lower, column, cpu.Seconds()/gigabytes)
	t.add("  lines lost, doubled or moved, "+l.String(), "", lower, column, float64(wrong))
}

func (r *rig) daemonLogs(ctx context.Context, t *table, who subject, l load) error {
	s, err := r.daemon(who, func(dir, records string) string {
		var b strings.Builder
		for i := range l.children {
			fmt.Fprintf(&b, "[program:p%04d]\ncommand=%s write %d %s %d %d stay\nstdout_logfile=%s\nstdout_logfile_backups=%d\nstderr_logfile=NONE\nstartsecs=0\n",
				i, r.child, i, records, l.each, l.block, logPath(dir, i), backups)
		}
		return b.String()
	})
	if err != nil {
		return err
	}
	defer s.end()
	if err := s.awaitRecords(ctx, l.children); err != nil {
		return err
	}
	if err := pause(ctx, breath); err != nil {
		return err
	}

	before, err := cpuTime(s.pid())
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.records.path+".go", nil, 0o644); err != nil {
		return err
	}
	// The last child's file is looked at first: mostly one look tells that it is not over.
	unfinished := l.children - 1
	err = s.await(ctx, 2*time.Millisecond, "the last byte in the logs", func() bool {
		for unfinished >= 0 && logSize(s.dir, unfinished) >= l.each {
			unfinished--
		}
		return unfinished < 0
	})
	done := monotonic()
	if err != nil {
		return err
	}
	after, err := cpuTime(s.pid())
	if err != nil {
		return err
	}
	wrong, err := l.verify(s.dir)
	if err != nil {
		return err
	}
	l.report(t, who.name, done-s.firstByte(), after-before, wrong)
	_, err = s.stop(ctx)
	return err
}

// firstByte is when the first writer began.
func (s *session) firstByte() time.Duration {
	var first time.Duration
	for _, record := range s.records.read() {
		if record.first && (first == 0 || record.when < first) {
			first = record.when
		}
	}
	return first
}

// catLogs is the limit: every writer has a cat of its own.
func (r *rig) catLogs(t *table, l load) error {
	dir, err := r.folder()
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	records, err := newRecords(filepath.Join(dir, "records"))
	if err != nil {
		return err
	}
	var cats, writers []*exec.Cmd
	for i := range l.children {
		writer := exec.Command(r.child, "write", strconv.Itoa(i), records.path, strconv.Itoa(l.each), strconv.Itoa(l.block))
		cat, err := catInto(logPath(dir, i), writer)
		if err != nil {
			return err
		}
		cats, writers = append(cats, cat), append(writers, writer)
	}
	if err := os.WriteFile(records.path+".go", nil, 0o644); err != nil {
		return err
	}
	var cpu time.Duration
	var failed error
	for i, cat := range cats {
		failed = errors.Join(failed, cat.Wait(), writers[i].Wait())
		cpu += cat.ProcessState.UserTime() + cat.ProcessState.SystemTime()
	}
	done := monotonic()
	if failed != nil {
		return failed
	}
	wrong, err := l.verify(dir)
	if err != nil {
		return err
	}
	s := &session{records: records}
	l.report(t, limit, done-s.firstByte(), cpu, wrong)
	return nil
}

// catInto starts writer | cat >path.
func catInto(path string, writer *exec.Cmd) (*exec.Cmd, error) {
	reading, writing, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reading.Close()
	defer writing.Close()
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cat := exec.Command("cat")
	cat.Stdin, cat.Stdout = reading, file
	writer.Stdout = writing
	if err := cat.Start(); err != nil {
		return nil, err
	}
	return cat, writer.Start()
}

func logPath(dir string, child int) string { return fmt.Sprintf("%s/p%04d.log", dir, child) }

// logFiles are a child's log and its rotated parts, oldest first.
func logFiles(dir string, child int) []string {
	current := logPath(dir, child)
	files := []string{current}
	for n := 1; n <= backups; n++ {
		path := fmt.Sprintf("%s.%d", current, n)
		if _, err := os.Stat(path); err != nil {
			break
		}
		files = append([]string{path}, files...)
	}
	return files
}

func logSize(dir string, child int) int {
	size := 0
	for _, path := range logFiles(dir, child) {
		if info, err := os.Stat(path); err == nil {
			size += int(info.Size())
		}
	}
	return size
}

// verify reads every log and counts the lines that are not the next one: a
// complete log in order counts 0.
func (l load) verify(dir string) (wrong int, err error) {
	for child := range l.children {
		n, err := verifyChild(dir, child, l.each/lineLength)
		if err != nil {
			return 0, err
		}
		wrong += n
	}
	return wrong, nil
}

func verifyChild(dir string, child, lines int) (wrong int, err error) {
	var readers []io.Reader
	for _, path := range logFiles(dir, child) {
		file, err := os.Open(path)
		if err != nil {
			return 0, err
		}
		defer file.Close()
		readers = append(readers, file)
	}
	in := bufio.NewReaderSize(io.MultiReader(readers...), 1<<20)
	filling := []byte(fmt.Sprintf(" id=%03d ", child) + strings.Repeat("x", 78) + "\n")
	line := make([]byte, lineLength)
	next := 0
	for {
		_, err := io.ReadFull(in, line)
		if err == io.EOF {
			break
		}
		if err == io.ErrUnexpectedEOF {
			wrong++
			break
		}
		if err != nil {
			return 0, err
		}
		number := 0
		for _, digit := range line[1:13] {
			number = number*10 + int(digit-'0')
		}
		if number != next || line[0] != '#' || !bytes.Equal(line[13:], filling) {
			wrong++
		}
		next = number + 1
	}
	return wrong + max(0, lines-next), nil
}
