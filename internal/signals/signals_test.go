package signals

import (
	"syscall"
	"testing"
)

// core 57, 58
func TestNamesWithAndWithoutSIGInAnyCaseAndNumbersAreSignals(t *testing.T) {
	for _, c := range []struct {
		text string
		want syscall.Signal
	}{
		{"TERM", syscall.SIGTERM},
		{"SIGTERM", syscall.SIGTERM},
		{"sigusr1", syscall.SIGUSR1},
		{" hup ", syscall.SIGHUP},
		{"9", syscall.SIGKILL},
		{" 9 ", syscall.SIGKILL},
		{"+0_9", syscall.SIGKILL},
		{"0", 0},
		{"-0", 0},
		{"IOT", syscall.SIGABRT},
	} {
		got, ok := Parse(c.text)
		if !ok || got != c.want {
			t.Errorf("Parse(%q) = %d, %t; want %d, true", c.text, got, ok, c.want)
		}
	}
}

// core 57
func TestWhatIsNoSignalIsRefused(t *testing.T) {
	for _, text := range []string{"", "FOO", "99", "-1", "RTMIN+1", "SIG", "1 5", "15.0", "99999999999999999999", "_9", "9_", "1__5"} {
		if sig, ok := Parse(text); ok {
			t.Errorf("Parse(%q) = %d, want a refusal", text, sig)
		}
	}
}

func TestIsNumberAgreesWithPythonsInt(t *testing.T) {
	for text, want := range map[string]bool{
		"15": true, " 15\n": true, "-3": true, "+1_0": true, "007": true,
		"": false, "-": false, "1__0": false, "_1": false, "1_": false, "0x9": false, "1.0": false, "TERM": false,
	} {
		if got := IsNumber(text); got != want {
			t.Errorf("IsNumber(%q) = %t, want %t", text, got, want)
		}
	}
}
