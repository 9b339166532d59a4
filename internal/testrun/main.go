// Command testrun runs go test and judges the whole run. It passes its arguments
// to go test -json, prints each package's closing line as go test does, prints
// what a failed test wrote and nothing of those that passed, and lists the tests
// that were skipped.
//
// A skipped test proves nothing. Where CI=true a skip is a failure, unless
// skips.txt admits that test with a reason that CI can never meet.
package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sort"
	"strings"
)

//go:embed skips.txt
var admittedSkips string

func main() {
	strict := os.Getenv("CI") == "true"
	os.Exit(run(os.Args[1:], strict, os.Stdout, os.Stderr))
}

// run is the program: it returns 0 when every test passed and every skip is
// admitted (or strict is off), else 1.
func run(args []string, strict bool, stdout, stderr io.Writer) int {
	admitted, err := parseSkips(admittedSkips)
	if err != nil {
		fmt.Fprintf(stderr, "testrun: skips.txt: %v\n", err)
		return 1
	}

	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = stderr
	events, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintf(stderr, "testrun: cannot run go test: %v\n", err)
		return 1
	}
	report := newReport(stdout)
	readErr := report.read(events)
	waitErr := cmd.Wait()
	if readErr != nil {
		fmt.Fprintf(stderr, "testrun: cannot read go test's events: %v\n", readErr)
		return 1
	}
	failed := report.close(admitted, strict) || waitErr != nil
	if failed {
		return 1
	}
	return 0
}

// event is a line of go test -json (see go doc test2json).
type event struct {
	Action     string
	Package    string
	ImportPath string // of a build event
	Test       string
	Output     string
}

type test struct{ Package, Name string }

type report struct {
	out     io.Writer
	written map[test]*strings.Builder // what a test wrote, until it has passed
	skipped map[test]string           // with the reason it gave
	passed  int
	failed  []test
}

func newReport(out io.Writer) *report {
	return &report{out: out, written: map[test]*strings.Builder{}, skipped: map[test]string{}}
}

// read takes go test's events until their end. A line that is no event (a build
// error of an old go) is printed as it is.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil {
				fmt.Fprint(r.out, line)
			} else {
				r.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) take(e event) {
	id := test{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "output":
		if e.Test == "" {
			r.packageLine(id, e.Output)
			return
		}
		if !strings.HasPrefix(e.Output, "=== ") { // RUN, PAUSE and CONT say nothing here
			r.keep(id, e.Output)
		}
	case "pass":
		if e.Test != "" {
			r.passed++
		}
		delete(r.written, id)
	case "skip":
		if e.Test != "" {
			r.skipped[id] = skipReason(r.text(id))
		}
		delete(r.written, id)
	case "fail":
		fmt.Fprint(r.out, r.text(id))
		if e.Test != "" {
			r.failed = append(r.failed, id)
		}
		delete(r.written, id)
	}
}

// packageLine prints a package's closing line at once and keeps the rest (a panic,
// a data race, a timeout) for the case that the package fails.
func (r *report) packageLine(id test, line string) {
	switch {
	case line == "PASS\n":
	case strings.HasPrefix(line, "ok  \t"), strings.HasPrefix(line, "FAIL\t"), strings.HasPrefix(line, "?   \t"):
		fmt.Fprint(r.out, line)
	default:
		r.keep(id, line)
	}
}

func (r *report) keep(id test, text string) {
	if r.written[id] == nil {
		r.written[id] = &strings.Builder{}
	}
	r.written[id].WriteString(text)
}

func (r *report) text(id test) string {
	if b := r.written[id]; b != nil {
		return b.String()
	}
	return ""
}

// close prints the sums and says whether the run failed.
func (r *report) close(admitted map[test]string, strict bool) bool {
	var unadmitted []test
	for id := range r.skipped {
		if _, ok := admitted[test{shortPackage(id.Package), rootTest(id.Name)}]; !ok {
			unadmitted = append(unadmitted, id)
		}
	}
	sortTests(unadmitted)
	for _, id := range unadmitted {
		fmt.Fprintf(r.out, "--- SKIP: %s %s: %s\n", shortPackage(id.Package), id.Name, r.skipped[id])
	}
	for _, id := range r.failed {
		fmt.Fprintf(r.out, "--- FAIL: %s %s\n", shortPackage(id.Package), id.Name)
	}
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, len(r.failed), len(r.skipped))
	if strict && len(unadmitted) > 0 {
		fmt.Fprintln(r.out, "testrun: tests that should run were skipped: install what they need, or admit them in internal/testrun/skips.txt with a reason that CI can never meet")
		return true
	}
	if r.passed == 0 && len(r.failed) == 0 {
		fmt.Fprintln(r.out, "testrun: no test ran")
		return true
	}
	return len(r.failed) > 0
}

// skipReason finds what the test said when it skipped: its last line that is not
// go test's own.
func skipReason(output string) string {
	reason := "without a word"
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "---") {
			reason = line
		}
	}
	return reason
}

// parseSkips reads "package test reason …" lines; # begins a comment.
func parseSkips(text string) (map[test]string, error) {
	admitted := map[test]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.SplitN(line, " ", 3)
		if len(fields) < 3 {
			return nil, fmt.Errorf("%q: want package, test and reason", line)
		}
		admitted[test{fields[0], fields[1]}] = fields[2]
	}
	return admitted, nil
}

// shortPackage is the import path below the module, "." for its root.
func shortPackage(path string) string {
	const module = "github.com/sirdar-project/sirdar"
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

func rootTest(name string) string {
	root, _, _ := strings.Cut(name, "/")
	return root
}

func sortTests(tests []test) {
	sort.Slice(tests, func(i, j int) bool {
		a, b := tests[i], tests[j]
		return a.Package < b.Package || a.Package == b.Package && a.Name < b.Name
	})
}
