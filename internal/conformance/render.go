package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A behaviour is one line of behaviours.txt.
type behaviour struct {
	number  int
	chapter string
	text    string
}

// parseBehaviours reads "N text" lines under "== chapter" lines. Numbers run from
// 1 without a gap.
func parseBehaviours(text string) ([]behaviour, error) {
	var list []behaviour
	chapter := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "== "):
			chapter = line[3:]
			continue
		}
		number, words, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(number)
		if err != nil || n != len(list)+1 {
			return nil, fmt.Errorf("behaviours.txt: %q: want number %d", line, len(list)+1)
		}
		list = append(list, behaviour{n, chapter, words})
	}
	return list, nil
}

// render writes the document and tells which behaviours nothing proves.
func render(list []behaviour, marks []mark) (document []byte, gaps []int, err error) {
	proofs := map[int][]string{}
	for _, m := range marks {
		for _, n := range m.numbers {
			if n < 1 || n > len(list) {
				return nil, nil, fmt.Errorf("%s: there is no behaviour %d", m.proof, n)
			}
			proofs[n] = append(proofs[n], m.proof)
		}
	}

	var out bytes.Buffer
	fmt.Fprint(&out, "# What is the same as in Supervisor, and which test proves it\n\n"+
		"Written by `make conformance` from the marks in the tests; do not edit. A test in `internal/oracle` runs Python's\n"+
		"Supervisor and ours side by side.\n")
	chapter := ""
	for _, b := range list {
		if b.chapter != chapter {
			chapter = b.chapter
			fmt.Fprintf(&out, "\n## %s\n\n| | behaviour | proved by |\n|---|---|---|\n", chapter)
		}
		found := proofs[b.number]
		slices.Sort(found)
		found = slices.Compact(found)
		if len(found) == 0 {
			gaps = append(gaps, b.number)
			found = []string{"**nothing yet**"}
		}
		fmt.Fprintf(&out, "| %d | %s | %s |\n", b.number, cell(b.text), cell(strings.Join(found, "; ")))
	}
	fmt.Fprintf(&out, "\n%d of %d are proved.\n", len(list)-len(gaps), len(list))
	return out.Bytes(), gaps, nil
}

// cell makes a text fit for a cell of a Markdown table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "*:", `\*:`, ":*", `:\*`).Replace(text)
}

// admittedGaps reads the numbers of missing.txt.
func admittedGaps(text []byte) ([]int, error) {
	var numbers []int
	for line := range strings.Lines(string(text)) {
		if number, ok := gapNumber(line); ok {
			numbers = append(numbers, number)
		} else if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return nil, fmt.Errorf("missing.txt: %q: want a number and, if you like, words", line)
		}
	}
	return numbers, nil
}

func gapNumber(line string) (int, bool) {
	word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	n, err := strconv.Atoi(word)
	return n, err == nil
}

// shrink takes out of missing.txt the lines whose numbers are no gaps any more.
func shrink(text []byte, gaps []int) []byte {
	var out bytes.Buffer
	for line := range strings.Lines(string(text)) {
		if n, ok := gapNumber(line); !ok || slices.Contains(gaps, n) {
			out.WriteString(line)
		}
	}
	return out.Bytes()
}
