//go:build linux

// Package services runs what people run under supervisord: Debian's nginx, Redis
// and cron, each with a configuration of its own in a folder of its own.
package services

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sirdar-project/sirdar/tests/running"
)

func TestMain(m *testing.M) { os.Exit(running.Main(m)) }

// nginxProgram has nginx write its access log to its standard output.
const nginxProgram = `[program:nginx]
command=%s -e stderr -p {dir} -c {dir}/nginx.conf
priority=30
startsecs=1
stopsignal=QUIT
stdout_logfile={dir}/nginx.log
stdout_logfile_maxbytes=2KB
stdout_logfile_backups=50
redirect_stderr=true
`

const nginxConfig = `daemon off;
worker_processes 1;
pid {dir}/nginx.pid;
events {}
http {
	access_log /dev/stdout;
	client_body_temp_path {dir}/body;
	proxy_temp_path {dir}/proxy;
	fastcgi_temp_path {dir}/fastcgi;
	uwsgi_temp_path {dir}/uwsgi;
	scgi_temp_path {dir}/scgi;
	server {
		listen 127.0.0.1:%d;
		location / { return 200 "nginx is here\n"; }
	}
}
`

const redisProgram = `[program:redis]
command=%s --port 0 --unixsocket {dir}/redis.sock --dir {dir} --save "" --appendonly yes --appendfsync always
priority=20
startsecs=1
stdout_logfile={dir}/redis.log
redirect_stderr=true
`

// cronProgram gives cron a mount namespace in which its fixed folders are ours:
// the machine's own jobs must not run, nor its cron be disturbed.
const cronProgram = `[program:cron]
command=/usr/bin/unshare --mount /bin/sh -ec "
 mount --bind {dir}/cron/run /run
 mount --bind {dir}/cron/cron.d /etc/cron.d
 mount --bind {dir}/cron/crontabs /var/spool/cron/crontabs
 mount --bind {dir}/cron/crontab /etc/crontab
 exec %s -f"
priority=10
startsecs=1
stdout_logfile={dir}/cron.log
redirect_stderr=true
`

// cronFiles hold one job, which writes to cron's standard output, as jobs in
// containers do.
var cronFiles = running.Files{
	"cron/cron.d/job": "SHELL=/bin/sh\n@reboot root echo the job ran >>/proc/$(cat /run/crond.pid)/fd/1\n",
	"cron/crontab":    "",
	"cron/crontabs/":  "",
	"cron/run/":       "",
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// nginx returns the section of a fresh nginx, its configuration and its address.
func nginx(t *testing.T) (section, config, url string) {
	t.Helper()
	port := freePort(t)
	path := running.Need(t, "nginx-light", "/usr/sbin/nginx")
	return fmt.Sprintf(nginxProgram, path), fmt.Sprintf(nginxConfig, port), fmt.Sprintf("http://127.0.0.1:%d/", port)
}

func redis(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf(redisProgram, running.Need(t, "redis-server", "/usr/bin/redis-server"))
}

// cron skips where cron cannot run: it demands to be root.
func cron(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("cron runs as root only")
	}
	return fmt.Sprintf(cronProgram, running.Need(t, "cron", "/usr/sbin/cron"))
}

// answers asks nginx once.
func answers(url string) bool {
	response, err := http.Get(url)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return err == nil && string(body) == "nginx is here\n"
}

// kill ends a program with all that it started, as nothing can prevent.
func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// mustStopCleanly ends supervisord with SIGTERM and demands exit status 0.
func mustStopCleanly(t *testing.T, d *running.Daemon) {
	t.Helper()
	d.Signal(syscall.SIGTERM)
	if status := d.Exit(); status != 0 {
		t.Errorf("supervisord's exit status is %d, want 0", status)
	}
}

func TestNginxServesAndIsRestartedWhenKilled(t *testing.T) {
	t.Parallel()
	section, config, url := nginx(t)
	d := running.Start(t, section, running.Files{"nginx.conf": config})
	first := d.AwaitRunning("nginx", 0)
	d.Await("nginx answers", func() bool { return answers(url) })

	kill(t, first)
	d.AwaitRunning("nginx", first)
	d.Await("nginx answers again", func() bool { return answers(url) })

	mustStopCleanly(t, d)
	if answers(url) {
		t.Error("nginx still answers after supervisord has ended")
	}
	if log := d.Log(); !strings.Contains(log, "WARN exited: nginx (terminated by SIGKILL; not expected)") {
		t.Errorf("the death is not in the log:\n%s", log)
	}
}

func TestNothingOfNginxsLogIsLostInRotationAndReopening(t *testing.T) {
	t.Parallel()
	section, config, url := nginx(t)
	d := running.Start(t, section, running.Files{"nginx.conf": config})
	d.Await("nginx answers", func() bool { return answers(url + "warm-up") })

	// 100 lines of about 90 bytes are over 2 KB four times.
	const requests = 100
	ask := func(from, to int) {
		for i := from; i < to; i++ {
			if !answers(fmt.Sprintf("%srequest-%03d", url, i)) {
				t.Fatalf("nginx did not answer request %d", i)
			}
		}
	}
	ask(0, requests/2)
	d.Await("the log has rotated", func() bool { return d.Read("nginx.log.1") != "" })
	d.Await("the first half is logged", func() bool { return strings.Contains(allLogs(t, d), "request-049") })

	// logrotate's way: move the file away, then USR2.
	if err := os.Rename(d.Path("nginx.log"), d.Path("moved.nginx.log")); err != nil {
		t.Fatal(err)
	}
	d.Signal(syscall.SIGUSR2)
	d.Await("the log is there again", func() bool {
		_, err := os.Stat(d.Path("nginx.log"))
		return err == nil
	})
	ask(requests/2, requests)
	d.Await("the second half is logged", func() bool { return strings.Contains(allLogs(t, d), "request-099") })
	mustStopCleanly(t, d)

	logs := allLogs(t, d)
	for i := range requests {
		if n := strings.Count(logs, fmt.Sprintf("GET /request-%03d ", i)); n != 1 {
			t.Errorf("request %d stands %d times in the logs", i, n)
		}
	}
	if !strings.Contains(d.Log(), "INFO supervisord logreopen") {
		t.Error("the main log does not tell of the reopening")
	}
}

// allLogs joins every file that holds nginx's output.
func allLogs(t *testing.T, d *running.Daemon) string {
	t.Helper()
	names, err := filepath.Glob(d.Path("*nginx.log*"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range names {
		all.WriteString(d.Read(filepath.Base(name)))
	}
	return all.String()
}

func TestRedisKeepsItsDataWhenKilledAndRestarted(t *testing.T) {
	t.Parallel()
	d := running.Start(t, redis(t), nil)
	first := d.AwaitRunning("redis", 0)
	ask := func(words ...string) string { return askRedis(d.Path("redis.sock"), words...) }
	d.Await("redis answers", func() bool { return ask("PING") == "+PONG" })
	if said := ask("SET", "porter", "Tenzing"); said != "+OK" {
		t.Fatalf("SET: %q", said)
	}

	kill(t, first)
	d.AwaitRunning("redis", first)
	d.Await("redis has its data again", func() bool { return ask("STRLEN", "porter") == ":7" })

	mustStopCleanly(t, d)
	if log := strings.ToLower(d.Read("redis.log")); strings.Count(log, "ready to accept connections") != 2 || !strings.Contains(log, "bye bye") {
		t.Errorf("redis's log lacks its two starts or its end:\n%s", log)
	}
	if log := d.Log(); !strings.Contains(log, "INFO stopped: redis (exit status 0)") {
		t.Errorf("redis did not stop well:\n%s", log)
	}
}

// askRedis sends one command and returns the first line of the answer, or the
// reason why there is none.
func askRedis(socket string, words ...string) string {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	fmt.Fprintf(conn, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(conn, "$%d\r\n%s\r\n", len(word), word)
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(line)
}

func TestCronRunsItsJobAfterEveryStart(t *testing.T) {
	t.Parallel()
	d := running.Start(t, cron(t), cronFiles)
	first := d.AwaitRunning("cron", 0)
	jobs := func() int { return strings.Count(d.Read("cron.log"), "the job ran\n") }
	d.Await("the job has run", func() bool { return jobs() == 1 })

	// A mark of cron's says that the machine's start has been served.
	if err := os.Remove(d.Path("cron/run/crond.reboot")); err != nil {
		t.Fatal(err)
	}
	kill(t, first)
	d.AwaitRunning("cron", first)
	d.Await("the job has run again", func() bool { return jobs() == 2 })
	mustStopCleanly(t, d)
}

func TestServicesStopInReversePriority(t *testing.T) {
	t.Parallel()
	section, config, url := nginx(t)
	files := maps.Clone(cronFiles)
	files["nginx.conf"] = config
	d := running.Start(t, section+redis(t)+cron(t), files)
	for _, name := range []string{"nginx", "redis", "cron"} {
		d.AwaitRunning(name, 0)
	}
	d.Await("nginx answers", func() bool { return answers(url) })
	mustStopCleanly(t, d)

	var order []string
	for line := range strings.Lines(d.Log()) {
		if _, rest, ok := strings.Cut(line, " stopped: "); ok {
			name, _, _ := strings.Cut(rest, " ")
			order = append(order, name)
		}
	}
	if want := []string{"nginx", "redis", "cron"}; !slices.Equal(order, want) {
		t.Errorf("stopped in the order %v, want %v", order, want)
	}
}
