package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A mark is one comment "core N…" and what it stands above.
type mark struct {
	numbers []int
	proof   string // "config TestX", "internal/oracle \"a scenario\""
}

// inside is a path of the tree at root, on this system.
func inside(root, path string) string { return filepath.Join(root, filepath.FromSlash(path)) }

// scan finds the marks of every test file, of the oracle's scenarios and of the
// scripts in testdata folders.
func scan(root string) ([]mark, error) {
	var marks []mark
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case entry.IsDir() && rel != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "bin"):
			return filepath.SkipDir
		case entry.IsDir():
			return nil
		case strings.HasSuffix(rel, "_test.go"), strings.HasPrefix(rel, "internal/oracle/") && strings.HasSuffix(rel, ".go"):
			found, err := scanGo(path, rel)
			marks = append(marks, found...)
			return err
		case strings.HasSuffix(rel, ".txtar"), strings.Contains(rel, "testdata/script/"):
			found, err := scanScript(path, rel)
			marks = append(marks, found...)
			return err
		}
		return nil
	})
	return marks, err
}

var markLine = regexp.MustCompile(`^(?://|#) core\s+(.*)$`)

// scanGo finds the marks of one Go file. What a mark stands above is the outermost
// piece of syntax that begins on the line after the comment.
func scanGo(path, rel string) ([]mark, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	line := func(pos token.Pos) int { return files.Position(pos).Line }

	var marks []mark
	for _, group := range file.Comments {
		numbers, err := groupNumbers(group)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", rel, line(group.Pos()), err)
		}
		if len(numbers) == 0 {
			continue
		}
		var above, inFunc ast.Node
		ast.Inspect(file, func(n ast.Node) bool {
			if n == nil || above != nil {
				return false
			}
			if _, ok := n.(*ast.CommentGroup); ok {
				return false
			}
			if n != file && startLine(line, n) == line(group.End())+1 {
				above = n
				return false
			}
			if declares(n) && n.Pos() < group.Pos() && group.End() < n.End() {
				inFunc = n
			}
			return true
		})
		if above == nil {
			return nil, fmt.Errorf("%s:%d: the mark stands above nothing", rel, line(group.Pos()))
		}
		marks = append(marks, mark{numbers, proof(rel, inFunc, above)})
	}
	return marks, nil
}

// startLine is the line on which a node begins, its own doc comment left aside.
func startLine(line func(token.Pos) int, n ast.Node) int {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return line(n.Type.Func)
	case *ast.GenDecl:
		return line(n.TokPos)
	}
	return line(n.Pos())
}

func declares(n ast.Node) bool {
	switch n.(type) {
	case *ast.FuncDecl, *ast.GenDecl:
		return true
	}
	return false
}

// groupNumbers reads every mark in a group of comments.
func groupNumbers(group *ast.CommentGroup) ([]int, error) {
	var numbers []int
	for _, comment := range group.List {
		m := markLine.FindStringSubmatch(comment.Text)
		if m == nil {
			continue
		}
		more, err := parseNumbers(m[1])
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, more...)
	}
	return numbers, nil
}

// parseNumbers reads "13, 14, 50-59"; after a full stop other words may follow.
func parseNumbers(text string) ([]int, error) {
	text, _, _ = strings.Cut(text, ".")
	var numbers []int
	for piece := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(piece), "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.Atoi(strings.TrimSpace(from))
		last, err2 := strconv.Atoi(strings.TrimSpace(to))
		if err1 != nil || err2 != nil || last < first {
			return nil, fmt.Errorf("cannot read the mark %q: want numbers and ranges, as in \"core 13, 50-59\"", "core "+text)
		}
		for n := first; n <= last; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

// proof names what proves: the package, the test, and the row if it is one.
func proof(rel string, inFunc, above ast.Node) string {
	room := filepath.ToSlash(filepath.Dir(rel))
	if declares(above) {
		return room + " " + declaredName(above)
	}
	row := firstString(above)
	test := ""
	if inFunc != nil {
		test = declaredName(inFunc)
	}
	switch {
	case row == "":
		return room + " " + test
	case strings.HasPrefix(test, "Test"):
		return fmt.Sprintf("%s %s %q", room, test, row)
	}
	return fmt.Sprintf("%s %q", room, row)
}

func declaredName(n ast.Node) string {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return n.Name.Name
	case *ast.GenDecl:
		if len(n.Specs) > 0 {
			if value, ok := n.Specs[0].(*ast.ValueSpec); ok {
				return value.Names[0].Name
			}
		}
	}
	return ""
}

// firstString is the row's name: the value of a field called name, else the first
// text in it, which is a map's key or the first field.
func firstString(n ast.Node) string {
	first, named := "", ""
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "name") && named == "" {
				named = literal(n.Value)
			}
		case *ast.BasicLit:
			if first == "" {
				first = literal(n)
			}
		}
		return true
	})
	if named != "" {
		return named
	}
	return first
}

func literal(n ast.Node) string {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return text
}

// scanScript finds the marks of a testscript file: lines "# core N".
func scanScript(path, rel string) ([]mark, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var numbers []int
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		m := markLine.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		more, err := parseNumbers(m[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", rel, err)
		}
		numbers = append(numbers, more...)
	}
	if err := lines.Err(); err != nil || len(numbers) == 0 {
		return nil, err
	}
	slices.Sort(numbers)
	return []mark{{slices.Compact(numbers), rel}}, nil
}
