// Command conformance writes docs/conformance.md: every numbered behaviour of a
// drop-in supervisord, and the tests that prove it.
//
// The behaviours stand in behaviours.txt. A test says what it proves in a comment
// directly above itself, or above its row in a table of cases or scenarios:
//
//	// core 13, 14
//	// core 50-59
//
// Behaviours without a test are admitted in missing.txt. The command takes out of
// it what has a test by now and never puts anything in.
package main

import (
	_ "embed"
	"fmt"
	"io"
	"os"
)

//go:embed behaviours.txt
var behavioursText string

// The files that the command writes, from the module's root.
const (
	documentPath = "docs/conformance.md"
	missingPath  = "internal/conformance/missing.txt"
)

func main() {
	os.Exit(run(".", os.Stdout, os.Stderr))
}

// run brings both files of the tree at root up to date.
func run(root string, stdout, stderr io.Writer) int {
	if err := update(root, stdout); err != nil {
		fmt.Fprintf(stderr, "conformance: %v\n", err)
		return 1
	}
	return 0
}

func update(root string, stdout io.Writer) error {
	list, err := parseBehaviours(behavioursText)
	if err != nil {
		return err
	}
	marks, err := scan(root)
	if err != nil {
		return err
	}
	document, gaps, err := render(list, marks)
	if err != nil {
		return err
	}
	if err := os.WriteFile(inside(root, documentPath), document, 0o644); err != nil {
		return err
	}
	admitted, err := os.ReadFile(inside(root, missingPath))
	if err != nil {
		return err
	}
	if err := os.WriteFile(inside(root, missingPath), shrink(admitted, gaps), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d of %d behaviours are proved\n", documentPath, len(list)-len(gaps), len(list))
	return nil
}
