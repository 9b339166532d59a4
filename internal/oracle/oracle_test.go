//go:build linux

package oracle

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

var self = flag.Bool("self", false, "compare Supervisor with itself; what differs then is a flaky scenario")

// sides are the programs of the two sides; TestMain fills in ours.
var sides = map[Side]Programs{Supervisor: PythonPrograms, Sirdar: PythonPrograms}

// runs is the directory that all runs are below. Its path is short, because the
// path of a unix socket may not be long.
var runs string

func TestMain(m *testing.M) {
	if os.Getenv(rootsChild) != "" {
		beRootsChild()
	}
	flag.Parse()
	// The scenarios wait much and compute little.
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", "10"); err != nil {
			panic(err)
		}
	}
	os.Exit(run(m))
}

// rootsChild is the variable that makes this program a child which the user nobody
// started, and may not signal all the same.
const rootsChild = "ORACLE_ROOTS_CHILD"

// beRootsChild takes root's identity, which this program has when its file belongs to
// root and has the set-user-id bit, says so and stays.
func beRootsChild() {
	if err := syscall.Setuid(0); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	select {}
}

// run builds our programs, runs the tests and removes what both left.
func run(m *testing.M) int {
	for _, path := range []string{PythonPrograms["supervisord"], supervisorctl} {
		if _, err := os.Stat(path); err != nil {
			fmt.Fprintf(os.Stderr, "the comparison needs Debian's supervisor: %v; install it with: apt-get install supervisor\n", err)
			return 1
		}
	}
	dir, err := os.MkdirTemp("", "orc")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	runs = dir
	if err := os.Chmod(dir, 0o755); err != nil { // nobody must get in
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if !*self {
		if sides[Sirdar], err = build(filepath.Join(dir, "bin")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// build makes our programs, with the race detector where the test has it.
func build(dir string) (Programs, error) {
	args := []string{"build", "-o", filepath.Join(dir, "supervisord")}
	if raceEnabled {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "github.com/sirdar-project/sirdar/cmd/supervisord")...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("cannot build our supervisord: %v\n%s", err, out)
	}
	ours := Programs{}
	for name := range PythonPrograms {
		ours[name] = filepath.Join(dir, "supervisord") // one program, known by its name
	}
	return ours, nil
}

// compare plays every scenario against both daemons and demands equal
// transcripts.
func compare(t *testing.T, scenarios []Scenario) {
	for i := range scenarios {
		s := &scenarios[i]
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			for id := range s.Ignore {
				if _, ok := difference(id); !ok {
					t.Errorf("lines are left out for the difference %q, which nobody lists", id)
				}
			}
			transcripts, problems := both(s, folder(t))
			if diff := Diff(transcripts[Supervisor], transcripts[Sirdar]); diff != "" && len(problems) == 0 {
				// Supervisor polls, and on a busy machine it now and then loses a race
				// against itself. A difference of ours comes again.
				t.Logf("played again, because they differed:\n%s", diff)
				transcripts, problems = both(s, folder(t))
			}
			for _, problem := range problems {
				t.Error(problem)
			}
			if diff := Diff(transcripts[Supervisor], transcripts[Sirdar]); diff != "" {
				t.Errorf("- %v, + %v:\n%s", Supervisor, Sirdar, diff)
			}
			if testing.Verbose() {
				t.Logf("%s", transcripts[Supervisor])
			}
			if strings.TrimSpace(transcripts[Supervisor]) == "" {
				t.Error("the scenario shows nothing")
			}
		})
	}
}

// folder makes the place of one playing of a scenario.
func folder(t *testing.T) string {
	t.Helper()
	parent, err := os.MkdirTemp(runs, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	return parent
}

// both plays a scenario against the two daemons at the same time.
func both(s *Scenario, parent string) (transcripts [2]string, problems []string) {
	var each [2][]string
	var wg sync.WaitGroup
	for i, dir := range []string{"p", "s"} {
		wg.Go(func() {
			side := Side(i)
			if *self {
				side = Supervisor
			}
			transcripts[i], each[i] = Play(s, side, sides[Side(i)], filepath.Join(parent, dir))
		})
	}
	wg.Wait()
	return transcripts, append(each[Supervisor], each[Sirdar]...)
}
