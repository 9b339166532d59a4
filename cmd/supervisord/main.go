// Command supervisord is the node in one file: supervisord, supervisorctl,
// echo_supervisord_conf and pidproxy, chosen by the name under which it is called,
// or by its first argument.
package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/ctl"
	"github.com/sirdar-project/sirdar/daemon"
	"github.com/sirdar-project/sirdar/pidproxy"
	"github.com/sirdar-project/sirdar/spawn"
)

type program func(ctx context.Context, args []string, in io.Reader, out, err io.Writer) int

var programs = map[string]program{
	"supervisord":           daemon.Main,
	"supervisorctl":         ctl.Main,
	"echo_supervisord_conf": echoConf,
	"pidproxy":              pidproxy.Main,
}

func main() {
	spawn.Stub() // does not return when we are a child on its way to becoming a program
	run, args := choose(append([]string{calledAs(os.Args[0])}, os.Args[1:]...))
	os.Exit(run(context.Background(), args, os.Stdin, os.Stdout, os.Stderr))
}

// calledAs is argv[0] with its directory, which a shell leaves out of a command
// that it finds by PATH. Configuration files are looked for beside it.
func calledAs(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	return name
}

// choose finds the program that is meant: by argv[0], or by the first argument,
// which supervisord itself never takes. What has another name is supervisord.
func choose(args []string) (program, []string) {
	if run, ok := programs[filepath.Base(args[0])]; ok && filepath.Base(args[0]) != "supervisord" {
		return run, args
	}
	if len(args) > 1 {
		if run, ok := programs[args[1]]; ok {
			return run, args[1:]
		}
	}
	return daemon.Main, args
}

// echoConf prints the sample configuration; its arguments are ignored.
func echoConf(_ context.Context, _ []string, _ io.Reader, out, _ io.Writer) int {
	io.WriteString(out, config.Sample())
	return 0
}
