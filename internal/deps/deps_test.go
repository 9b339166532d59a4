package deps

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

//go:embed rules.txt
var rulesText string

const module = "github.com/sirdar-project/sirdar"

// A rule is what rules.txt says of one room.
type rule struct {
	floor  int
	may    []string // rooms; "*" = every room of a lower floor
	never  []string // packages of the world
	reason string
}

func TestRoomsImportOnlyRoomsBelowThem(t *testing.T) {
	rules := parseRules(t, rulesText)
	for room, imports := range listRooms(t) {
		r, ok := rules[room]
		if !ok {
			t.Errorf("%s: a new room: say in internal/deps/rules.txt what it may import, and why", room)
			continue
		}
		for _, path := range imports {
			if other, ours := roomOf(path); ours {
				if !r.allows(rules, other) {
					t.Errorf("%s imports %s.\n\tIt may import: %s.\n\tWhy: %s", room, other, strings.Join(r.may, " "), r.reason)
				}
			} else if slices.Contains(r.never, path) {
				t.Errorf("%s imports %s, which it never may.\n\tWhy: %s", room, path, r.reason)
			}
		}
	}
}

func TestEveryRuleHasItsRoom(t *testing.T) {
	rooms := listRooms(t)
	for room := range parseRules(t, rulesText) {
		if _, ok := rooms[room]; !ok {
			t.Errorf("rules.txt speaks of %s, which does not exist", room)
		}
	}
}

func TestTheRulesThemselvesPointDown(t *testing.T) {
	rules := parseRules(t, rulesText)
	for room, r := range rules {
		if r.reason == "" {
			t.Errorf("%s: no reason is given", room)
		}
		for _, other := range r.may {
			if other == "*" {
				continue
			}
			if below, ok := rules[other]; !ok {
				t.Errorf("%s may import %s, which has no rule", room, other)
			} else if below.floor > r.floor || below.floor == r.floor && !below.isLeaf() {
				t.Errorf("%s may import %s, which is on no lower floor", room, other)
			}
		}
	}
}

// isLeaf says whether a room imports none of ours: its neighbours on the ground
// floor may stand on it.
func (r rule) isLeaf() bool { return len(r.may) == 0 }

func (r rule) allows(rules map[string]rule, other string) bool {
	if slices.Contains(r.may, other) {
		return true
	}
	return slices.Contains(r.may, "*") && rules[other].floor < r.floor
}

// parseRules reads rules.txt. Rooms that follow each other without a reason share
// the next one.
func parseRules(t *testing.T, text string) map[string]rule {
	t.Helper()
	rules := map[string]rule{}
	var waiting []string // rooms whose reason is still to come
	floor := 0
	inReason := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "=="):
			floor++
		case strings.HasPrefix(line, " "):
			inReason = true
			for _, room := range waiting {
				r := rules[room]
				r.reason = strings.TrimSpace(r.reason + " " + strings.TrimSpace(line))
				rules[room] = r
			}
			continue
		default:
			if inReason {
				waiting, inReason = nil, false
			}
			room, r := parseRule(t, line, floor, rules)
			rules[room] = r
			waiting = append(waiting, room)
		}
	}
	return rules
}

func parseRule(t *testing.T, line string, floor int, rules map[string]rule) (string, rule) {
	t.Helper()
	if room, list, ok := strings.Cut(line, " never "); ok {
		r, known := rules[room]
		if !known {
			t.Fatalf("rules.txt: %q: no such room above", line)
		}
		r.never = append(r.never, strings.Split(list, ", ")...)
		return room, r
	}
	room, list, ok := strings.Cut(line, ":")
	if !ok {
		t.Fatalf("rules.txt: %q: want room: rooms", line)
	}
	return room, rule{floor: floor, may: strings.Fields(list)}
}

// listRooms asks go list for every package of the module and what it imports,
// tests left aside, on any of the systems that we compile for.
func listRooms(t *testing.T) map[string][]string {
	t.Helper()
	rooms := map[string][]string{}
	for _, goos := range []string{"linux", "darwin", "freebsd"} {
		cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", module+"/...")
		cmd.Env = append(cmd.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var words strings.Builder
		cmd.Stderr = &words
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		packages, err := decodePackages(out)
		if waitErr := cmd.Wait(); err != nil || waitErr != nil {
			t.Fatalf("go list: %v %v\n%s", err, waitErr, words.String())
		}
		for _, p := range packages {
			room, _ := roomOf(p.ImportPath)
			rooms[room] = append(rooms[room], p.Imports...)
		}
	}
	for room := range rooms {
		slices.Sort(rooms[room])
		rooms[room] = slices.Compact(rooms[room])
	}
	if len(rooms) < 5 {
		t.Fatalf("go list found only %d packages", len(rooms))
	}
	return rooms
}

type listed struct {
	ImportPath string
	Imports    []string
}

func decodePackages(in io.Reader) ([]listed, error) {
	var packages []listed
	decoder := json.NewDecoder(in)
	for {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading packages: %w", err)
		}
		packages = append(packages, p)
	}
}

// roomOf turns an import path of ours into the room's name.
func roomOf(path string) (string, bool) {
	if path == module {
		return ".", true
	}
	return strings.CutPrefix(path, module+"/")
}
