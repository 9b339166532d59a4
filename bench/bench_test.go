//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// writeLog makes a rotated log of the numbered lines given, ten to a file.
func writeLog(t *testing.T, dir string, child int, numbers []int) {
	t.Helper()
	path := logPath(dir, child)
	files := (len(numbers) + 9) / 10
	for i := range files {
		var text bytes.Buffer
		for _, n := range numbers[i*10 : min(len(numbers), i*10+10)] {
			fmt.Fprintf(&text, "#%012d id=%03d %s\n", n, child, strings.Repeat("x", 78))
		}
		name := path
		if n := files - 1 - i; n > 0 {
			name = fmt.Sprintf("%s.%d", path, n)
		}
		if err := os.WriteFile(name, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func count(n int) []int {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = i
	}
	return numbers
}

func TestVerifyCountsEveryLineThatIsNotTheNext(t *testing.T) {
	for _, c := range []struct {
		name    string
		numbers []int
		wrong   int
	}{
		{"complete over three files", count(25), 0},
		{"one is missing", append(count(10), 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24), 1},
		{"the end is missing", count(20), 5},
		{"one is doubled", append([]int{0}, count(25)...), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			writeLog(t, dir, 7, c.numbers)
			got, err := verifyChild(dir, 7, 25)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.wrong {
				t.Errorf("%d lines are wrong, want %d", got, c.wrong)
			}
		})
	}
}

func TestTheTableShowsMediansAndRatios(t *testing.T) {
	results := newTable([]string{limit, "Supervisor", "Sirdar"})
	for _, sample := range []float64{30, 10, 20} {
		results.add("launch", "s", lower, "Supervisor", sample)
	}
	results.add("launch", "s", lower, "Sirdar", 2)
	results.add("launch", "s", lower, limit, 1)
	results.add("capture", "MB/s", higher, "Supervisor", 100)
	results.add("capture", "MB/s", higher, "Sirdar", 150)

	var out bytes.Buffer
	results.print(&out)
	want := `               limit  Supervisor  Sirdar  Sirdar vs limit  Sirdar vs Supervisor
launch, s          1          20       2             0.5×                   10×
capture, MB/s      –         100     150                –                  1.5×
`
	if out.String() != want {
		t.Errorf("printed:\n%s\nwant:\n%s", out.String(), want)
	}
}

func TestAnUnknownRowIsAnError(t *testing.T) {
	if _, err := choose("crowd,nonsense"); err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("choose = %v", err)
	}
}
