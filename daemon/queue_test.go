package daemon

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAQueueKeepsOrderAndLosesNothing(t *testing.T) {
	var sink bytes.Buffer
	var want strings.Builder
	q := newQueue(&sink)
	for i := range 1000 {
		fmt.Fprintf(q, "line %d\n", i)
		fmt.Fprintf(&want, "line %d\n", i)
	}
	q.Close()
	if sink.String() != want.String() {
		t.Error("what was taken is not what was written")
	}
}

// A reader that takes nothing stops nobody, and the gap says how wide it is.
func TestAQueueNeverWaitsForItsSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		q := newQueue(w)
		line := strings.Repeat("x", 1023) + "\n"
		io.WriteString(q, "first\n")
		synctest.Wait() // the goroutine is stuck with the first line
		for range 1024 + 10 {
			io.WriteString(q, line)
		}
		begin := time.Now()
		q.Close()
		if waited := time.Since(begin); waited != flushPatience {
			t.Errorf("Close waited %v for a sink that takes nothing, want %v", waited, flushPatience)
		}
		all := make(chan string)
		go func() { p, _ := io.ReadAll(r); all <- string(p) }()
		q.Flush()
		w.Close()
		if got, want := <-all, "10 log lines were dropped here"; !strings.Contains(got, want) {
			t.Errorf("the log does not say %q", want)
		}
	})
}
