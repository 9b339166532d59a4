"""Answers, one JSON line for one JSON line, what Python makes of a text."""
import fnmatch
import io
import json
import os
import shlex
import sys


def environment(text):
    lexer = shlex.shlex(text, posix=True)
    lexer.wordchars += '/.+-():'
    tokens = list(lexer)
    found = {}
    for i in range(0, len(tokens), 4):
        three = tokens[i:i + 3]
        if len(three) != 3 or three[1] != '=':
            raise ValueError("Unexpected end of key/value pairs in value '%s'" % text)
        found[three[0]] = three[2]
    return [list(pair) for pair in found.items()]


def expand(text, names):
    try:
        return text % names
    except KeyError as why:
        raise ValueError('unknown ' + str(why))


def decode(data):
    raw = io.BytesIO(bytes(data))
    return ''.join(io.TextIOWrapper(raw, encoding='utf-8', newline=None))


CALLS = {
    'repr': repr,
    'ascii': ascii,
    'list': repr,
    'int': int,
    'octal': lambda s: int(s, 8),
    'lower': str.lower,
    'strip': str.strip,
    'split': str.split,
    'words': shlex.split,
    'pairs': environment,
    'format': lambda a: expand(a[0], a[1]),
    'decode': decode,
    'normpath': os.path.normpath,
    'pathsplit': lambda s: list(os.path.split(s)),
    'join': lambda a: os.path.join(*a),
    'fnmatch': lambda a: fnmatch.fnmatchcase(a[1], a[0]),
}

for line in sys.stdin:
    call, arg = json.loads(line)
    try:
        answer = {'ok': CALLS[call](arg)}
    except Exception as why:
        answer = {'err': str(why)}
    print(json.dumps(answer))
