package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// root is the module's root, as seen from this package's folder.
const root = "../.."

func current(t *testing.T) (document []byte, gaps []int) {
	t.Helper()
	list, err := parseBehaviours(behavioursText)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 237 {
		t.Fatalf("behaviours.txt holds %d behaviours, want 237", len(list))
	}
	marks, err := scan(root)
	if err != nil {
		t.Fatal(err)
	}
	document, gaps, err = render(list, marks)
	if err != nil {
		t.Fatal(err)
	}
	return document, gaps
}

func TestTheDocumentIsWhatTheTestsSay(t *testing.T) {
	document, _ := current(t)
	written, err := os.ReadFile(inside(root, documentPath))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, document) {
		t.Errorf("%s is stale: run make conformance", documentPath)
	}
}

func TestEveryBehaviourIsProvedOrAdmittedAsMissing(t *testing.T) {
	_, gaps := current(t)
	text, err := os.ReadFile(inside(root, missingPath))
	if err != nil {
		t.Fatal(err)
	}
	admitted, err := admittedGaps(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range gaps {
		if !slices.Contains(admitted, n) {
			t.Errorf("core %d: no test proves it any more", n)
		}
	}
	for _, n := range admitted {
		if !slices.Contains(gaps, n) {
			t.Errorf("core %d has a test by now: run make conformance, which takes it out of %s", n, missingPath)
		}
	}
}

func TestMarksStandAboveTestsAndRows(t *testing.T) {
	dir := t.TempDir()
	source := `package x

// TestWhole does it.
//
// core 1, 3-4
func TestWhole(t *testing.T) {}

func TestTable(t *testing.T) {
	for _, c := range []struct{ name, in string }{
		// core 5
		{"first row", "a"},
		// About the next.
		// core 6
		{in: "b", name: "second row"},
	} {
	}
	// core 7. And more.
	t.Run("a part", nil)
}

var scenarios = []Scenario{
	// core 8
	{
		Name: "a story",
	},
}
`
	if err := os.WriteFile(filepath.Join(dir, "x_test.go"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	marks, err := scan(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []mark{
		{[]int{1, 3, 4}, ". TestWhole"},
		{[]int{5}, `. TestTable "first row"`},
		{[]int{6}, `. TestTable "second row"`},
		{[]int{7}, `. TestTable "a part"`},
		{[]int{8}, `. "a story"`},
	}
	if !slices.EqualFunc(marks, want, func(a, b mark) bool { return slices.Equal(a.numbers, b.numbers) && a.proof == b.proof }) {
		t.Errorf("scan = %v\nwant   %v", marks, want)
	}
}

func TestAMarkMustBeReadableAndAboveSomething(t *testing.T) {
	for name, source := range map[string]string{
		"words":   "package x\n\n// core thirteen\nfunc TestX() {}\n",
		"alone":   "package x\n\n// core 13\n\nfunc TestX() {}\n",
		"reverse": "package x\n\n// core 9-3\nfunc TestX() {}\n",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "x_test.go"), []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		if marks, err := scan(dir); err == nil {
			t.Errorf("%s: scan = %v, want an error", name, marks)
		}
	}
}

func TestTheListOfGapsOnlyShrinks(t *testing.T) {
	got := shrink([]byte("# why\n1 late\n2\n9\n"), []int{2, 3})
	if want := "# why\n2\n"; string(got) != want {
		t.Errorf("shrink = %q, want %q", got, want)
	}
}
