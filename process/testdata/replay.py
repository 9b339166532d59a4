"""Drives Supervisor's real Subprocess class through scripts.

One script a line on standard input; for each, what the class did goes to
standard output: one line for every event, spawn attempt, signal and log line,
one for what is left of the process, and an empty one. Nothing is forked and no
signal is sent: options and clock are dummies. replay_test.go writes the
scripts, says what the numbers mean and compares.
"""
import errno
import sys

from supervisor import events
from supervisor import process
from supervisor.datatypes import RestartUnconditionally, RestartWhenExitUnexpected
from supervisor.options import NotFound
from supervisor.rpcinterface import SupervisorNamespaceRPCInterface
from supervisor.states import ProcessStates, getProcessStateDescription

EPOCH = 1700000000
UNITS = 512.0  # a second has 512 units: exact in a float as in nanoseconds

trace = []


class Clock:
    now = 0

    def time(self):
        return EPOCH + self.now / UNITS


class Logger:
    def debug(self, text): trace.append('DEBG ' + text)
    def info(self, text): trace.append('INFO ' + text)
    def warn(self, text): trace.append('WARN ' + text)

    def critical(self, text):
        # the traceback's last line stands for the whole
        head, traceback = text.split(':', 1)
        error = traceback.strip().rsplit('\n', 1)[-1].split(': ', 1)[1]
        trace.append('CRIT ' + head + ':' + error)


class Options:
    """The part of ServerOptions that a Subprocess calls."""
    logger = Logger()
    mood = 1
    birth = 0
    kill_error = 0
    pid = 0

    def __init__(self):
        self.pidhistory = {}

    def stat(self, filename): return None

    def check_execv_args(self, filename, argv, st):
        trace.append('spawn')
        if self.birth == 1:
            raise NotFound("can't find command '%s'" % filename)

    def make_pipes(self):
        if self.birth == 2:
            raise OSError(errno.EMFILE, 'x')
        if self.birth == 3:
            raise OSError(errno.EISDIR, 'x')
        return {}, {}

    def fork(self):
        if self.birth == 4:
            raise OSError(errno.EAGAIN, 'x')
        if self.birth == 5:
            raise OSError(errno.ENOMEM, 'x')
        self.pid += 1
        return self.pid

    def close_parent_pipes(self, pipes): pass
    def close_child_pipes(self, pipes): pass

    def kill(self, pid, sig):
        trace.append('kill %d %d' % (pid, sig))
        if self.kill_error == 1:
            raise OSError(errno.ESRCH, 'No such process')
        if self.kill_error == 2:
            raise OSError(errno.EPERM, 'Operation not permitted')


class Config:
    """The part of ProcessConfig that a Subprocess reads."""
    name = 'p'
    command = '/x'

    def __init__(self, options, fields):
        self.options = options
        (autostart, autorestart, self.startsecs, self.startretries,
         self.stopsignal, self.stopwaitsecs, stopasgroup, killasgroup) = map(int, fields[:8])
        self.autostart = bool(autostart)
        self.autorestart = (RestartWhenExitUnexpected, False, RestartUnconditionally)[autorestart]
        self.stopasgroup = bool(stopasgroup)
        self.killasgroup = bool(killasgroup)
        self.exitcodes = [int(code) for code in fields[8:]]

    def make_dispatchers(self, proc):
        return self.options.make_pipes()


def on_event(event):
    trace.append(events.getEventNameByType(event.__class__) + ' ' + event.payload())


def run(script, clock):
    policy, ops = script.split(';')
    options = Options()
    proc = process.Subprocess(Config(options, policy.split(',')))
    clock.now = 0
    describe = SupervisorNamespaceRPCInterface._interpretProcessInfo

    for op in ops.split():
        dt, verb, arg, options.birth, options.kill_error = map(int, op.split(','))
        clock.now += dt
        state = proc.state
        if verb == 0:  # tick, twice: Python may take two steps where Step takes one
            proc.transition()
            proc.transition()
        elif verb == 1:
            proc.spawn()
        elif verb == 2:
            if state not in (ProcessStates.STOPPING, ProcessStates.UNKNOWN):
                proc.stop()
        elif verb == 3:
            if proc.pid and state != ProcessStates.UNKNOWN:
                proc.finish(proc.pid, arg)
        elif verb == 4:
            if state == ProcessStates.BACKOFF:
                proc.give_up()
        elif verb == 5:
            if state != ProcessStates.UNKNOWN:
                proc.signal(arg)
        elif verb == 6:
            proc.stop_report()
        elif verb == 7:
            options.mood = arg

    description = ''
    if proc.state != ProcessStates.RUNNING:
        description = describe(None, {
            'state': proc.state, 'start': int(proc.laststart), 'stop': int(proc.laststop),
            'now': int(clock.time()), 'spawnerr': proc.spawnerr or '', 'name': 'p', 'pid': proc.pid})
    trace.append('left %s pid %d backoff %d start %d stop %d exitstatus %s spawnerr %s description %s' % (
        getProcessStateDescription(proc.state), proc.pid, proc.backoff,
        proc.laststart and (proc.laststart - EPOCH) * UNITS,
        proc.laststop and (proc.laststop - EPOCH) * UNITS,
        proc.exitstatus, proc.spawnerr, description))


def main():
    clock = Clock()
    process.time = clock
    events.subscribe(events.Event, on_event)
    for script in sys.stdin:
        run(script, clock)
        trace.append('\n')
        sys.stdout.write('\n'.join(trace))
        del trace[:]


main()
