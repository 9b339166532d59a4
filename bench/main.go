//go:build linux

// Command bench measures our supervisord, Debian's Python supervisord and the
// limit that the kernel sets, side by side in one run, and prints medians and
// ratios. Ratios count: milliseconds depend on the machine and on what else it does.
//
// A row is one question; -rows chooses. Everything is written below one folder in
// memory (/dev/shm where there is one), so that no disk is in the figures.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are what the command line says.
type options struct {
	ours, python string
	rows         string
	dir          string
	programs     int
	rounds       int
	idle         time.Duration
	kills        int
	crowd        int
	largeMB      int
	smallMB      int
}

// A row measures one thing for every subject and puts the samples into the table.
type row struct {
	name    string
	about   string
	measure func(context.Context, *rig, *table) error
}

var rows = []row{
	{"crowd", "launch → all programs exec'd; memory, threads, descriptors; idle CPU; SIGTERM → gone", measureCrowd},
	{"restart", "kill -9 → running again, a lone program and all at once", measureRestart},
	{"log", "MB/s and CPU per GB of captured output, every line counted", measureLogs},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if err == flag.ErrHelp {
		return 0
	}
	if err != nil {
		return 2
	}
	if err := benchmark(ctx, o, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.ours, "ours", "bin/supervisord", "our supervisord; empty to leave it out")
	flags.StringVar(&o.python, "python", "/usr/bin/supervisord", "Python's supervisord; empty to leave it out")
	flags.StringVar(&o.rows, "rows", "", "what to measure, divided by commas (default all)")
	flags.StringVar(&o.dir, "dir", "", "scratch folder (default /dev/shm, else the temporary folder)")
	flags.IntVar(&o.programs, "programs", 1000, "programs in the crowd")
	flags.IntVar(&o.rounds, "rounds", 3, "times that each measurement is repeated")
	flags.DurationVar(&o.idle, "idle", 30*time.Second, "how long the idle crowd is watched")
	flags.IntVar(&o.kills, "kills", 200, "lone programs killed, or as many as 20 seconds allow")
	flags.IntVar(&o.crowd, "burst", 200, "programs killed at once")
	flags.IntVar(&o.largeMB, "large", 1000, "MB captured in 64 KB writes")
	flags.IntVar(&o.smallMB, "small", 300, "MB captured in 100-byte writes")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: bench [flags]   rows:")
		for _, r := range rows {
			fmt.Fprintf(stderr, "  %-10s %s\n", r.name, r.about)
		}
		flags.PrintDefaults()
	}
	return o, flags.Parse(args)
}

func benchmark(ctx context.Context, o options, stdout, stderr io.Writer) error {
	chosen, err := choose(o.rows)
	if err != nil {
		return err
	}
	r, err := newRig(o, stderr)
	if err != nil {
		return err
	}
	defer r.close()

	results := newTable(r.names())
	began := time.Now()
	for _, row := range chosen {
		if err := row.measure(ctx, r, results); err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
	}
	fmt.Fprintln(stdout, machine())
	results.print(stdout)
	fmt.Fprintf(stdout, "measured in %v, medians of %d rounds; load average now %s\n",
		time.Since(began).Round(time.Second), o.rounds, firstWords("/proc/loadavg", 3))
	return nil
}

func choose(names string) ([]row, error) {
	if names == "" {
		return rows, nil
	}
	var chosen []row
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(rows, func(r row) bool { return r.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no row %q: see -help", name)
		}
		chosen = append(chosen, rows[i])
	}
	return chosen, nil
}

// subjects are the daemons to be measured, as far as they are there.
func subjects(o options) ([]subject, error) {
	var all []subject
	if o.python != "" {
		version, err := exec.Command(o.python, "-v").Output()
		if err != nil {
			return nil, fmt.Errorf("%s -v: %w (apt-get install supervisor, or -python '')", o.python, err)
		}
		all = append(all, subject{"Supervisor " + strings.TrimSpace(string(version)), o.python})
	}
	if o.ours != "" {
		path, err := filepath.Abs(o.ours)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("%w: make build makes it", err)
		}
		all = append(all, subject{"Sirdar", path})
	}
	return all, nil
}

// machine says on what the figures were taken.
func machine() string {
	model := "unknown processor"
	for line := range strings.Lines(readFile("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("Linux %s, %d × %s", firstWords("/proc/sys/kernel/osrelease", 1), cores(), model)
}
