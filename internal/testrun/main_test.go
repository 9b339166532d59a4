package main

import (
	"strings"
	"testing"
)

const module = "github.com/sirdar-project/sirdar/"

func judge(t *testing.T, events string, skips string, strict bool) (printed string, failed bool) {
	t.Helper()
	admitted, err := parseSkips(skips)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r := newReport(&out)
	if err := r.read(strings.NewReader(strings.ReplaceAll(events, "@", module))); err != nil {
		t.Fatal(err)
	}
	failed = r.close(admitted, strict)
	return out.String(), failed
}

const passing = `{"Action":"run","Package":"@ini","Test":"TestA"}
{"Action":"output","Package":"@ini","Test":"TestA","Output":"chatter\n"}
{"Action":"pass","Package":"@ini","Test":"TestA"}
{"Action":"output","Package":"@ini","Output":"PASS\n"}
{"Action":"output","Package":"@ini","Output":"ok  \t@ini\t0.01s\n"}
{"Action":"pass","Package":"@ini"}
`

const skipping = passing + `{"Action":"output","Package":"@ini","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"@ini","Test":"TestB","Output":"    b_test.go:3: needs a moon\n"}
{"Action":"output","Package":"@ini","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"@ini","Test":"TestB"}
`

func TestAPassingRunPrintsClosingLinesOnly(t *testing.T) {
	printed, failed := judge(t, passing, "", true)
	want := "ok  \t" + module + "ini\t0.01s\n1 passed, 0 failed, 0 skipped\n"
	if printed != want || failed {
		t.Errorf("printed %q, failed %v; want %q", printed, failed, want)
	}
}

func TestASkipFailsAStrictRun(t *testing.T) {
	printed, failed := judge(t, skipping, "", true)
	if !failed {
		t.Error("a strict run with a skipped test did not fail")
	}
	if want := "--- SKIP: ini TestB: b_test.go:3: needs a moon\n"; !strings.Contains(printed, want) {
		t.Errorf("printed %q; want it to hold %q", printed, want)
	}
}

func TestASkipIsOnlyListedOutsideCI(t *testing.T) {
	printed, failed := judge(t, skipping, "", false)
	if failed || !strings.Contains(printed, "--- SKIP: ini TestB") {
		t.Errorf("failed %v, printed %q", failed, printed)
	}
}

func TestAnAdmittedSkipPasses(t *testing.T) {
	if printed, failed := judge(t, skipping, "ini TestB no moon in CI", true); failed {
		t.Errorf("failed: %s", printed)
	}
}

func TestAFailurePrintsWhatTheTestWrote(t *testing.T) {
	printed, failed := judge(t, `{"Action":"output","Package":"@ini","Test":"TestC","Output":"=== RUN   TestC\n"}
{"Action":"output","Package":"@ini","Test":"TestC","Output":"    c_test.go:9: got 1\n"}
{"Action":"fail","Package":"@ini","Test":"TestC"}
{"Action":"output","Package":"@ini","Output":"FAIL\t@ini\t0.01s\n"}
{"Action":"fail","Package":"@ini"}
`, "", false)
	if !failed || !strings.Contains(printed, "c_test.go:9: got 1") || strings.Contains(printed, "=== RUN") {
		t.Errorf("failed %v, printed %q", failed, printed)
	}
}

func TestAPanicOutsideATestIsPrinted(t *testing.T) {
	printed, _ := judge(t, `{"Action":"output","Package":"@ini","Output":"panic: oh\n"}
{"Action":"output","Package":"@ini","Output":"FAIL\t@ini\t0.01s\n"}
{"Action":"fail","Package":"@ini"}
`, "", false)
	if !strings.Contains(printed, "panic: oh") {
		t.Errorf("printed %q", printed)
	}
}

func TestARunOfNothingFails(t *testing.T) {
	if _, failed := judge(t, "", "", false); !failed {
		t.Error("a run without a test passed")
	}
}

func TestAnAdmissionNeedsAReason(t *testing.T) {
	if _, err := parseSkips("ini TestB"); err == nil {
		t.Error("an admission without a reason was taken")
	}
}
