//go:build linux

package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

const limit = "limit" // the column of what the kernel allows

// better says which way is good.
type better int

const (
	lower better = iota
	higher
)

// A line is one line of the result: samples by column.
type line struct {
	what, unit string
	good       better
	samples    map[string][]float64
}

type table struct {
	columns []string
	lines   []*line
}

func newTable(columns []string) *table { return &table{columns: columns} }

// add puts one sample of a column into the line called what.
func (t *table) add(what, unit string, good better, column string, sample float64) {
	i := slices.IndexFunc(t.lines, func(l *line) bool { return l.what == what })
	if i < 0 {
		i = len(t.lines)
		t.lines = append(t.lines, &line{what, unit, good, map[string][]float64{}})
	}
	t.lines[i].samples[column] = append(t.lines[i].samples[column], sample)
}

// median of the samples that a line has of a column.
func (t *table) median(what, column string) float64 {
	i := slices.IndexFunc(t.lines, func(l *line) bool { return l.what == what })
	return median(t.lines[i].samples[column])
}

// print writes medians, and how many times better the last column is than each of
// the others.
func (t *table) print(out io.Writer) {
	last := t.columns[len(t.columns)-1]
	others := t.columns[:len(t.columns)-1]
	head := append([]string{""}, t.columns...)
	for _, other := range others {
		head = append(head, last+" vs "+other)
	}
	cells := [][]string{head}
	for _, l := range t.lines {
		row := []string{l.name()}
		for _, column := range t.columns {
			row = append(row, figure(l.samples[column]))
		}
		for _, other := range others {
			row = append(row, l.ratio(last, other))
		}
		cells = append(cells, row)
	}
	align(out, cells)
}

func (l *line) name() string {
	if l.unit == "" {
		return l.what
	}
	return l.what + ", " + l.unit
}

// align prints the first column to the left and the figures to the right.
func align(out io.Writer, cells [][]string) {
	widths := make([]int, len(cells[0]))
	for _, row := range cells {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range cells {
		for i, cell := range row {
			if i == 0 {
				fmt.Fprintf(out, "%-*s", widths[i], cell)
			} else {
				fmt.Fprintf(out, "  %*s", widths[i], cell)
			}
		}
		fmt.Fprintln(out)
	}
}

// ratio says how many times as good a column is as another, "–" where either has
// nothing to be compared.
func (l *line) ratio(column, other string) string {
	if len(l.samples[column]) == 0 || len(l.samples[other]) == 0 {
		return "–"
	}
	ours, theirs := median(l.samples[column]), median(l.samples[other])
	if l.good == lower {
		ours, theirs = theirs, ours
	}
	if theirs == 0 || ours == 0 {
		return "–"
	}
	ratio := ours / theirs
	if ratio < 10 {
		return fmt.Sprintf("%.2g×", ratio)
	}
	return fmt.Sprintf("%.0f×", ratio)
}

func figure(samples []float64) string {
	if len(samples) == 0 {
		return "–"
	}
	m := median(samples)
	switch {
	case m == math.Trunc(m) || m >= 100:
		return fmt.Sprintf("%.0f", m)
	case m >= 10:
		return fmt.Sprintf("%.1f", m)
	case m >= 0.1:
		return fmt.Sprintf("%.2f", m)
	}
	return strings.TrimRight(fmt.Sprintf("%.4f", m), "0")
}

func median(samples []float64) float64 { return quantile(samples, 0.5) }

// quantile is the nearest sample at or above the share q of all.
func quantile(samples []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(samples))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
