package oracle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEveryDifferenceIsDocumented demands that each row of the table stands in
// docs/differences.md, with what and why, and that a scenario shows it.
func TestEveryDifferenceIsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "differences.md"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var scenarios strings.Builder
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		scenarios.Write(text)
	}
	for _, d := range Differences {
		if !documented(string(page), d) {
			t.Errorf("docs/differences.md has no row that begins with %q and ends with %q", d.What, d.Why)
		}
		if !strings.Contains(scenarios.String(), `"`+d.ID+`"`) {
			t.Errorf("no scenario shows the difference %q", d.ID)
		}
	}
}

// documented says whether a page has a row for a difference.
func documented(page string, d Difference) bool {
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "| "+d.What+" |") && strings.HasSuffix(line, "| "+d.Why+" |") {
			return true
		}
	}
	return false
}
