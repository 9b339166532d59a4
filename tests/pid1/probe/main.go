//go:build unix

// Command probe is the one program in an otherwise empty root file system: it
// leaves orphans behind, exits as it is told, or lives until it is told to stop.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	status, err := run(os.Args[1:])
	if err != nil {
		fmt.Println("probe:", err)
		status = 99
	}
	os.Exit(status)
}

func run(args []string) (int, error) {
	if len(args) == 0 {
		return 2, fmt.Errorf("usage: probe live ORPHANS | exit STATUS | parent STATUS | orphan STATUS")
	}
	number := 0
	if len(args) > 1 {
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return 2, err
		}
		number = n
	}
	switch args[0] {
	case "live":
		return 0, live(number)
	case "exit":
		return number, nil
	case "parent": // of a child that it does not wait for
		_, err := start("orphan", number)
		return 0, err
	case "orphan":
		awaitOrphanhood()
		return number, nil
	}
	return 2, fmt.Errorf("cannot %s", args[0])
}

// live makes orphans with the exit statuses 1 to n, then waits for SIGTERM.
func live(n int) error {
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)

	for status := 1; status <= n; status++ {
		parent, err := start("parent", status)
		if err != nil {
			return err
		}
		if state, err := parent.Wait(); err != nil || !state.Success() {
			return fmt.Errorf("the parent of an orphan: %v %v", state, err)
		}
	}
	fmt.Println("the orphans are on their own")
	<-terminated
	fmt.Println("got SIGTERM")
	return nil
}

func start(what string, status int) (*os.Process, error) {
	// The descriptors are ours: without any, Go would look for /dev/null, and in an
	// empty root there is none.
	return os.StartProcess(os.Args[0], []string{os.Args[0], what, strconv.Itoa(status)},
		&os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
}

// awaitOrphanhood returns when the parent has gone and PID 1 has taken over.
func awaitOrphanhood() {
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for os.Getppid() != 1 {
		<-look.C
	}
}
