//go:build linux

package oracle

import "strings"

// Diff shows how two transcripts differ, line by line: "-" is only in a, "+" only
// in b, and three lines around them. It is empty when they are equal.
func Diff(a, b string) string {
	if a == b {
		return ""
	}
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	common := longest(x, y)

	var lines []string
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			lines = append(lines, "  "+x[i])
			i, j = i+1, j+1
		case j == len(y) || (i < len(x) && common[i+1][j] >= common[i][j+1]):
			lines = append(lines, "- "+x[i])
			i++
		default:
			lines = append(lines, "+ "+y[j])
			j++
		}
	}
	return strings.Join(around(lines, 3), "\n") + "\n"
}

// around keeps of a difference's lines the different ones, the first line and n
// lines on both sides of each.
func around(lines []string, n int) []string {
	keep := make([]bool, len(lines))
	for i, line := range lines {
		if strings.HasPrefix(line, "  ") {
			continue
		}
		for k := max(0, i-n); k <= min(len(lines)-1, i+n); k++ {
			keep[k] = true
		}
	}
	var kept []string
	for i, line := range lines {
		switch {
		case keep[i]:
			kept = append(kept, line)
		case i == 0 || keep[i-1]:
			kept = append(kept, "  …")
		}
	}
	return kept
}

// longest returns, for every pair of suffixes of x and y, how many lines they
// have in common in order.
func longest(x, y []string) [][]int {
	table := make([][]int, len(x)+1)
	for i := range table {
		table[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}
