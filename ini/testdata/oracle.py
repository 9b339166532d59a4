"""Reads lists of files (paths and texts, one JSON list a line) with Python's own
parser, each list into one parser, and answers what it says."""
import configparser
import io
import json
import sys

for line in sys.stdin:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(';', '#'), strict=False)
    try:
        for path, text in json.loads(line):
            parser.read_file(io.StringIO(text, newline=None), path)
        answer = {'ok': [[name, [list(item) for item in parser.items(name)]] for name in parser.sections()]}
    except configparser.Error as why:
        answer = {'err': str(why)}
    print(json.dumps(answer))
