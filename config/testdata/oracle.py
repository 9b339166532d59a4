"""Reads configurations with the genuine Supervisor and answers every value.

Each line of stdin is a JSON object: the working directory, the environment, the
arguments of the command line, and whether to read as Supervisor 4.4 does where
that differs from the installed version. Each line of stdout is the answer.
"""
import json
import os
import shlex
import socket
import sys
import tempfile

from supervisor import datatypes, loggers, options
from supervisor.datatypes import Automatic, RestartUnconditionally, RestartWhenExitUnexpected
from supervisor.events import EventTypes
from supervisor.supervisord import Supervisor

EVENTS = {value: name for name, value in vars(EventTypes).items() if name[0] != '_'}
LEVELS = {getattr(loggers.LevelsByDescription, name): name
          for name in dir(loggers.LevelsByDescription) if name[0] != '_'}


class Refused(Exception):
    pass


class Answers:
    """What the options do instead of ending the process."""

    def usage(self, msg):
        raise Refused(str(msg))

    def help(self, dummy):
        raise Refused('help')

    def version(self, dummy):
        raise Refused('version')


class Server(Answers, options.ServerOptions):
    pass


class Client(Answers, options.ClientOptions):
    pass


def environment_4_4(arg):
    lexer = shlex.shlex(str(arg), posix=True)
    lexer.wordchars += '/.+-():'
    tokens = list(lexer)
    found = {}
    for i in range(0, len(tokens), 4):
        three = tokens[i:i + 3]
        if len(three) != 3 or three[1] != '=':
            raise ValueError("Unexpected end of key/value pairs in value '%s'" % arg)
        found[three[0]] = three[2]
    return found


class Parser44(options.UnhosedConfigParser):
    def getdefault(self, option, *args, **kwargs):
        if option == 'environment':
            kwargs['do_expand'] = False
        return super().getdefault(option, *args, **kwargs)


INSTALLED = options.dict_of_key_value_pairs, options.UnhosedConfigParser
AS_4_4 = environment_4_4, Parser44


def number(n):
    """Cuts an integer to what fits into 64 bits."""
    return max(-(2 ** 63 - 1), min(n, 2 ** 63 - 1))


def log(value):
    return 'AUTO' if value is Automatic else value or ''


RESTARTS = {RestartUnconditionally: 'true', RestartWhenExitUnexpected: 'unexpected', False: 'false'}


def process(p):
    out = {
        'name': p.name,
        'command': p.command,
        'directory': p.directory,
        'umask': None if p.umask is None else p.umask & 0o777,
        'autostart': p.autostart,
        'autorestart': RESTARTS[p.autorestart],
        'exitcodes': p.exitcodes,
        'stopsignal': int(p.stopsignal),
        'stopasgroup': p.stopasgroup,
        'killasgroup': p.killasgroup,
        'uid': p.uid,
        'redirect_stderr': p.redirect_stderr,
        'environment': [list(kv) for kv in p.environment.items()],
        'serverurl': p.serverurl,
    }
    for key in 'priority', 'startsecs', 'startretries', 'stopwaitsecs':
        out[key] = number(getattr(p, key))
    for stream in 'stdout', 'stderr':
        out[stream] = {
            'logfile': log(getattr(p, stream + '_logfile')),
            'maxbytes': number(getattr(p, stream + '_logfile_maxbytes')),
            'backups': number(getattr(p, stream + '_logfile_backups')),
            'syslog': getattr(p, stream + '_syslog'),
            'capture': number(getattr(p, stream + '_capture_maxbytes')),
            'events': getattr(p, stream + '_events_enabled'),
        }
    return out


KINDS = {'ProcessGroupConfig': 'program', 'EventListenerPoolConfig': 'eventlistener', 'FastCGIGroupConfig': 'fcgi'}


def group(g):
    # Of two processes with one name a group has the last, where the first was.
    processes = {p.name: p for p in g.process_configs}
    out = {
        'kind': KINDS[type(g).__name__],
        'name': g.name,
        'priority': number(g.priority),
        'processes': [process(p) for p in processes.values()],
    }
    if out['kind'] == 'eventlistener':
        out['buffer_size'] = number(g.buffer_size)
        out['events'] = sorted(EVENTS[e] for e in g.pool_events)
    if out['kind'] == 'fcgi':
        s = g.socket_config
        out['socket'] = {
            'url': s.url,
            'backlog': s.backlog or 0,
            'mode': getattr(s, 'mode', None) and s.mode & 0o7777 or 0,
            'owner': list(getattr(s, 'owner', None) or (-1, -1)),
        }
    return out


def server(c):
    out = {'section': c['section'], 'username': c['username'] or '', 'password': c['password'] or ''}
    if c['family'] == socket.AF_UNIX:
        out.update(file=c['file'], chmod=c['chmod'] & 0o7777, chown=list(c['chown']))
    else:
        out.update(host=c['host'], port=c['port'])
    return out


def dump(o):
    section = o.configroot.supervisord
    sup = {
        'loglevel': LEVELS[o.loglevel],
        'logfile': o.logfile,
        'pidfile': o.pidfile,
        'umask': number(o.umask if isinstance(o.umask, int) else int(o.umask, 8)),
        'directory': o.directory or '',
        'childlogdir': os.path.abspath(o.childlogdir),
        'identifier': o.identifier,
        'uid': o.uid,
        'gid': o.gid,
        'environment': [list(kv) for kv in section.environment.items()],
    }
    for key in 'nodaemon', 'silent', 'nocleanup', 'strip_ansi':
        sup[key] = bool(getattr(o, key))
    for key in 'minfds', 'minprocs', 'logfile_maxbytes', 'logfile_backups':
        sup[key] = number(getattr(o, key))
    return {
        'supervisord': sup,
        'servers': [server(c) for c in o.server_configs],
        'serverurl': o.serverurl or '',
        'interfaces': [[name, extras] for name, _, extras in o.rpcinterface_factories],
        'groups': [group(g) for g in o.process_group_configs],
        'warnings': o.parse_warnings,
        'infos': o.parse_infos,
    }


def set_up(question):
    os.chdir(question['dir'])
    os.environ.clear()
    os.environ.update(question['environ'])
    tempfile.tempdir = None
    pairs, options.UnhosedConfigParser = AS_4_4 if question['as44'] else INSTALLED
    options.dict_of_key_value_pairs = pairs


def read(args):
    o = Server()
    try:
        o.realize(args, doc='', progname='supervisord')
        return o
    finally:
        o.poller.close()


def supervisord(question):
    return dump(read(question['args']))


def supervisorctl(question):
    o = Client()
    o.realize(question['args'], doc='', progname='supervisorctl')
    section = o.configroot.supervisorctl
    return {
        'serverurl': section.serverurl,
        'username': section.username or '',
        'password': section.password or '',
        'prompt': section.prompt,
        'history_file': section.history_file or '',
        'plugins': [[name, extras] for name, _, extras in o.plugin_factories[1:]],
    }


class Active:
    """A group that runs, for the comparison of configurations."""

    def __init__(self, config):
        self.config = config


def diff(question):
    """What a reread finds when the first configuration runs and the second is new."""
    old, new = (read(['-c', path]) for path in question['args'])
    daemon = Supervisor(new)
    for config in old.process_group_configs:
        if config.name not in daemon.process_groups:
            daemon.process_groups[config.name] = Active(config)
    return [[config.name for config in configs] for configs in daemon.diff_to_active()]


CALLS = {'': supervisord, 'ctl': supervisorctl, 'diff': diff}


def answer(question):
    set_up(question)
    try:
        return CALLS[question['call']](question)
    except Refused as why:
        return {'refused': str(why)}
    except Exception as why:  # Supervisor would die with a traceback
        return {'crashed': str(why)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line)), sort_keys=True))
