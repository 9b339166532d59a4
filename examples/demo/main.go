// Command demo is the small world that the demonstration supervises: a web
// service, workers that share a spool folder, and a program that crashes now and
// then. Its first argument says which of them it is; get and put are for whoever
// plays the customer.
//
// It knows nothing of supervisord, as the programs that supervisord runs do not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// parts are what demo can be.
var parts = map[string]func(ctx context.Context, args []string) error{
	"web":    web,
	"worker": worker,
	"flaky":  flaky,
	"clock":  clock,
	"get":    get,
	"put":    put,
	"port":   port,
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	if len(os.Args) < 2 || parts[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: demo web | worker | flaky | clock | get | put | port  [arguments]")
		os.Exit(2)
	}
	if err := parts[os.Args[1]](ctx, os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "demo %s: %v\n", os.Args[1], err)
		stop()
		os.Exit(1)
	}
}

// web answers HTTP and logs every request to standard output.
func web(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("web", flag.ExitOnError)
	listen := flags.String("listen", "127.0.0.1:8080", "address to serve on")
	flags.Parse(args)

	server := &http.Server{Addr: *listen, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Printf("%s %s\n", r.Method, r.URL.Path)
		fmt.Fprintf(w, "hello from process %d\n", os.Getpid())
	})}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		fmt.Println("closing")
		done <- server.Shutdown(context.Background())
	}()
	fmt.Printf("serving on http://%s/\n", *listen)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}

// worker takes jobs from SPOOL/new, one file each, and leaves the answers in
// SPOOL/done. A rename decides which worker gets a job. When told to stop it
// finishes the job in its hands.
func worker(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("worker", flag.ExitOnError)
	spool := flags.String("spool", "spool", "folder with the jobs")
	name := flags.String("name", "worker", "name of this worker")
	flags.Parse(args)

	for _, folder := range []string{"new", "taken", "done"} {
		if err := os.MkdirAll(filepath.Join(*spool, folder), 0o755); err != nil {
			return err
		}
	}
	fmt.Printf("%s is waiting for jobs in %s\n", *name, *spool)
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			fmt.Printf("%s goes home\n", *name)
			return nil
		case <-look.C:
			if err := takeOne(*spool, *name); err != nil {
				return err
			}
		}
	}
}

// takeOne does one job, if there is one that nobody else was quicker to take.
func takeOne(spool, name string) error {
	jobs, err := filepath.Glob(filepath.Join(spool, "new", "*"))
	if err != nil || len(jobs) == 0 {
		return err
	}
	job := jobs[rand.IntN(len(jobs))]
	taken := filepath.Join(spool, "taken", filepath.Base(job))
	if os.Rename(job, taken) != nil {
		return nil
	}
	text, err := os.ReadFile(taken)
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(string(text), 10, 32)
	if err != nil {
		return fmt.Errorf("job %s: %w", filepath.Base(job), err)
	}
	answer := fmt.Sprintf("%d is %s (says %s)\n", n, nature(n), name)
	if err := os.WriteFile(taken, []byte(answer), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s did %s\n", name, filepath.Base(job))
	return os.Rename(taken, filepath.Join(spool, "done", filepath.Base(job)))
}

// nature says whether n is prime.
func nature(n uint64) string {
	for d := uint64(2); d*d <= n; d++ {
		if n%d == 0 {
			return fmt.Sprintf("%d times %d", d, n/d)
		}
	}
	return "prime"
}

// flaky works for a while and then crashes.
func flaky(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("flaky", flag.ExitOnError)
	most := flags.Duration("lives", 4*time.Second, "longest life")
	flags.Parse(args)

	life := *most/2 + rand.N(*most/2)
	fmt.Printf("flaky lives for %v\n", life.Round(time.Millisecond))
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(life):
		return errors.New("crashed, as it does now and then")
	}
}

// clock prints a line at its start and waits; it is what the demonstration adds.
func clock(ctx context.Context, _ []string) error {
	fmt.Println("the clock runs")
	<-ctx.Done()
	return nil
}

// get prints what a URL answers.
func get(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: demo get URL")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, args[0], nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(os.Stdout, response.Body)
	return err
}

// put lays jobs into a spool, one for each number.
func put(_ context.Context, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: demo put SPOOL NUMBER...")
	}
	for _, number := range args[1:] {
		// Written beside and moved: a worker must not see half a job.
		half := filepath.Join(args[0], "job-"+number)
		if err := os.WriteFile(half, []byte(number), 0o644); err != nil {
			return err
		}
		if err := os.Rename(half, filepath.Join(args[0], "new", "job-"+number)); err != nil {
			return err
		}
	}
	return nil
}

// port prints a TCP port that is free now.
func port(context.Context, []string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	return listener.Close()
}
