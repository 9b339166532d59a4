package spawn

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// lives are what a child of this binary may do. Each is a process that has a
// Host of its own, so that limits and odd births stay out of the tests' process.
var lives = map[string]func(args []string) int{
	"few-files":     fewFiles,
	"few-processes": fewProcesses,
	"thousand":      thousand,
	"closing":       closing,
	"nested":        nested,
	"becomes":       becomes,
}

// attempt starts a child that must not come to be, and tells the error.
func attempt(name string) {
	spec := shell("exit")
	spec.Name = name
	fmt.Printf("spawn %s: %v\n", name, ours().start(spec).Err)
}

// afterwards starts a child that must come to be.
func afterwards() {
	born := ours().start(shell("echo fine"))
	if born.Err != nil {
		fmt.Println("afterwards:", born.Err)
		return
	}
	fmt.Print("afterwards: ", ours().see(born).Stdout)
}

// descriptors counts what is open.
func descriptors() int {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		panic(err)
	}
	return len(entries)
}

// fewFiles tries each number of free descriptors from none up to the first that
// is enough: wherever they run out, nothing must stay open.
func fewFiles([]string) int {
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		fmt.Println(err)
		return 1
	}
	if o := ours().start(shell("exit")); o.Err != nil { // all threads and pollers exist from here
		fmt.Println(o.Err)
		return 1
	} else {
		ours().see(o)
	}
	open := descriptors()
	texts := map[string]bool{}
	for free := 0; ; free++ {
		limit := before
		limit.Cur = limitOf(open - 1 + free)
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
		spec := shell("exit")
		spec.Name = "p4"
		born := ours().start(spec)
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before)
		if born.Err == nil {
			ours().see(born)
			break
		}
		if text := born.Err.Error(); !texts[text] {
			texts[text] = true
			fmt.Println("spawn p4:", text)
		}
	}
	fmt.Println("leaked:", descriptors()-open)
	afterwards()
	return 0
}

// fewProcesses may have no more processes or threads than it has already.
func fewProcesses([]string) int {
	afterBirth := ours().start(shell("exit"))
	if afterBirth.Err != nil {
		fmt.Println(afterBirth.Err)
		return 1
	}
	ours().see(afterBirth)
	spareThreads(20) // the runtime dies when it cannot have a thread that it wants
	var before syscall.Rlimit
	if err := syscall.Getrlimit(unix.RLIMIT_NPROC, &before); err != nil {
		fmt.Println(err)
		return 1
	}
	none := before
	none.Cur = 0
	syscall.Setrlimit(unix.RLIMIT_NPROC, &none)
	attempt("p2")
	syscall.Setrlimit(unix.RLIMIT_NPROC, &before)
	afterwards()
	return 0
}

// spareThreads makes the runtime have n threads more than it needs.
func spareThreads(n int) {
	var all, end sync.WaitGroup
	all.Add(n)
	for range n {
		end.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			all.Done()
			all.Wait()
		})
	}
	end.Wait()
}

// thousand starts a thousand children, some of which fail in every way.
func thousand([]string) int {
	ours().see(ours().start(shell("exit")))
	open := descriptors()
	var group sync.WaitGroup
	for i := range 1000 {
		spec := shell("exit")
		spec.RedirectErr = i%3 == 0
		if i%50 == 0 {
			spec.HasDir, spec.Dir = true, "/nonexistent"
		}
		group.Go(func() { ours().see(ours().start(spec)) })
	}
	group.Wait()
	fmt.Println("leaked:", descriptors()-open)
	return 0
}

// closing closes its Host while children are waiting to be started.
func closing([]string) int {
	h := New(1)
	for range 5 {
		h.Spawn(shell("exit"), func(b Born) {
			if b.Err == nil {
				fmt.Println("born")
			}
		})
	}
	h.Close()
	answer := make(chan Born)
	h.Spawn(shell("exit"), func(b Born) { answer <- b })
	fmt.Println((<-answer).Err)
	return 0
}

// nested runs a program from a Host of its own, and passes its output on.
func nested(args []string) int {
	spec := shell("")
	spec.Path, spec.Args = args[0], args
	born := ours().start(spec)
	if born.Err != nil {
		fmt.Println(born.Err)
		return 1
	}
	o := ours().see(born)
	fmt.Print(o.Stdout)
	fmt.Fprint(os.Stderr, o.Stderr)
	return o.Status.ExitStatus()
}

// becomes starts a child that is to be another user, and passes on what it says.
func becomes(args []string) int {
	uid, err := strconv.Atoi(args[0])
	if err != nil {
		panic(err)
	}
	spec := shell("id -u")
	spec.Cred = &Cred{UID: uid, GID: uid, Groups: []int{uid}}
	o := ours().see(ours().start(spec))
	fmt.Print(o.Stdout)
	fmt.Fprint(os.Stderr, o.Stderr)
	return o.Status.ExitStatus()
}
