package spawn

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// core 120, 121, 122, 128, 135
func TestResolve(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	for path, mode := range map[string]os.FileMode{
		first + "/tool": 0o644, second + "/tool": 0o755, second + "/only": 0o755, second + "/group": 0o010,
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	path := "/nonexistent:" + first + ":" + second + "/"
	for _, c := range []struct {
		command string
		file    string
		args    []string
		text    string
		absent  bool
	}{
		{command: "only", file: second + "/only", args: []string{"only"}},
		{command: `only 'a b' c\ d "e
f" $HOME ~ * #x`, file: second + "/only", args: []string{"only", "a b", "c d", "e\nf", "$HOME", "~", "*", "#x"}},
		{command: second + "/../second/only -x", file: second + "/../second/only", args: []string{second + "/../second/only", "-x"}},
		{command: `/bin/cat "abc`, text: `can't parse command '/bin/cat "abc': No closing quotation`},
		{command: `/bin/cat abc\`, text: `can't parse command '/bin/cat abc\\': No escaped character`},
		{command: "  ", text: "command is empty"},
		{command: "/nonexistent/foo -x", text: "can't find command '/nonexistent/foo'", absent: true},
		{command: "nosuch", text: "can't find command 'nosuch'", absent: true},
		{command: "./nosuch", text: "can't find command './nosuch'", absent: true},
		{command: "tool", text: "command at '" + first + "/tool' is not executable"},
		{command: "/tmp", text: "command at '/tmp' is a directory"},
		{command: "first", text: "can't find command 'first'", absent: true},
	} {
		file, args, err := Resolve(c.command, path)
		if c.text == "" {
			if err != nil || file != c.file || !slices.Equal(args, c.args) {
				t.Errorf("%q: got %q, %q, %v", c.command, file, args, err)
			}
			continue
		}
		var why *CommandError
		if !errors.As(err, &why) || why.Text != c.text || why.NotFound != c.absent {
			t.Errorf("%q: got %#v, want %q", c.command, err, c.text)
		}
	}
	if _, _, err := Resolve("first", dir); err == nil || err.Error() != "command at '"+first+"' is a directory" {
		t.Errorf("a directory in the path: %v", err)
	}
	if os.Getuid() != 0 { // root may execute what anybody may
		_, _, err := Resolve("group", second)
		if want := "no permission to run command '" + second + "/group'"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// core 123
func TestSearchPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ setting, own, want string }{
		{"/a:/b", "/own", "/a:/b"},
		{"", "/own", ""},
		{"unset", "/own", "/own"},
		{"unset", "", "/bin:/usr/bin:/usr/local/bin"},
	} {
		setting := func(name string) (string, bool) { return c.setting, name == "PATH" && c.setting != "unset" }
		if got := SearchPath(setting, c.own); got != c.want {
			t.Errorf("SearchPath(%q, %q) = %q, want %q", c.setting, c.own, got, c.want)
		}
	}
}
