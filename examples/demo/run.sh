#!/usr/bin/env bash
# Shows supervisord at work: real programs from supervisord.conf beside this file,
# steered by supervisorctl, ended cleanly. Every command is printed before it runs.
#
# SUPERVISORD and SUPERVISORCTL name other binaries than those in bin/: Debian's
# own, say, which show the same.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)

# All of it happens in a folder of its own, which goes when the demo goes.
work=$(mktemp -d "${TMPDIR:-/tmp}/sirdar-demo.XXXXXX")
daemon=
finish() {
	status=$?
	trap - EXIT
	if [ -n "$daemon" ] && kill -TERM "$daemon" 2>/dev/null; then wait "$daemon" || true; fi
	if [ $status -ne 0 ]; then
		echo "the demo failed; supervisord said:" >&2
		cat "$work/run/console.log" >&2 || true
	fi
	rm -rf "$work"
	exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

mkdir -p "$work/bin" "$work/run" "$work/spool/new"
cp "$here/supervisord.conf" "$work/"
(cd "$top" && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$work/bin/demo" ./examples/demo)
ln -s "${SUPERVISORD:-$top/bin/supervisord}" "$work/bin/supervisord"
ln -s "${SUPERVISORCTL:-$top/bin/supervisorctl}" "$work/bin/supervisorctl"
cd "$work"
PATH=$work/bin:$PATH
PORT=$(demo port)
export PORT

step() { printf '\n# %s\n' "$*"; }
run() {
	printf '$ %s\n' "$*"
	"$@"
}
# status answers 3 when a program is not up, and flaky now and then is not.
status() { run supervisorctl status || [ $? -eq 3 ]; }
# await WHAT COMMAND...: until the command succeeds; it looks 20 times a second.
await() {
	local what=$1 deadline=$((SECONDS + 30))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ $SECONDS -ge $deadline ]; then
			echo "gave up waiting: $what" >&2
			return 1
		fi
		sleep 0.05
	done
	echo "(awaited: $what)"
}

step "Start it, in the foreground as a container would."
echo '$ supervisord -n -c supervisord.conf >>run/console.log &'
supervisord -n -c supervisord.conf >>run/console.log 2>&1 &
daemon=$!

is_up() { supervisorctl status "$1" | grep -q RUNNING; }
await "web is up" is_up web
for worker in worker:worker_00 worker:worker_01 worker:worker_02; do await "$worker is up" is_up $worker; done
status

step "Ask the web service."
await "it answers" demo get "http://127.0.0.1:$PORT/"
run demo get "http://127.0.0.1:$PORT/"

step "Give the workers something to do."
run demo put spool 91 97 1009 1001 65537 4294967291
six_done() { [ "$(find spool/done -type f | wc -l)" -eq 6 ]; }
await "six jobs are done" six_done
cat spool/done/*

step "Kill the web service as cruelly as one can."
before=$(supervisorctl pid web)
run kill -KILL "$before"
is_back() {
	local pid
	pid=$(supervisorctl pid web) && [ "$pid" != 0 ] && [ "$pid" != "$before" ] && is_up web
}
await "it is back with another pid" is_back
run supervisorctl status web
await "it answers again" demo get "http://127.0.0.1:$PORT/again"

step "Read its log."
run supervisorctl tail web

step "One program crashes now and then. supervisord's console tells."
has_crashed() { grep -q 'WARN exited: flaky' run/console.log; }
await "flaky has crashed" has_crashed
is_flaky_back() { [ "$(grep -c "INFO spawned: 'flaky'" run/console.log)" -ge 2 ]; }
await "and was started again" is_flaky_back
run grep flaky run/console.log

step "Change the file: one more worker, and a new program."
run sed -i 's/^numprocs=3/numprocs=4/' supervisord.conf
cat >>supervisord.conf <<'CONF'

[program:clock]
command=%(here)s/bin/demo clock
startsecs=0
CONF
run supervisorctl reread
run supervisorctl update
await "the clock runs" is_up clock
await "there is a fourth worker" is_up worker:worker_03
status

step "End it: everything stops in order, and supervisord exits with 0."
run supervisorctl shutdown
code=0
wait "$daemon" || code=$?
daemon=
run tail -n 8 run/console.log
echo "supervisord's exit status: $code"
[ $code -eq 0 ]
