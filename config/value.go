package config

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/internal/pytext"
	"github.com/sirdar-project/sirdar/internal/signals"
)

// This file reads values of the types that options have. The errors have
// Supervisor's text.

// integer reads what Python's int() reads, without a range.
func integer(s string) (int, error) {
	n, err := pytext.ParseInt(s)
	return int(max(math.MinInt, min(n, math.MaxInt))), err
}

func boolean(s string) (bool, error) {
	switch pytext.Lower(s) {
	case "yes", "true", "on", "1":
		return true, nil
	case "no", "false", "off", "0":
		return false, nil
	}
	return false, fmt.Errorf("not a valid boolean value: %s", pytext.Repr(s))
}

// byteSize reads a number of bytes, with KB, MB or GB behind it if you like.
func byteSize(s string) (int64, error) {
	s = pytext.Lower(s)
	unit := int64(1)
	for i, suffix := range []string{"kb", "mb", "gb"} {
		if strings.HasSuffix(s, suffix) {
			s, unit = s[:len(s)-2], 1<<(10*(i+1))
			break
		}
	}
	n, err := pytext.ParseInt(s)
	if err != nil {
		return 0, err
	}
	return max(-math.MaxInt64/unit, min(n, math.MaxInt64/unit)) * unit, nil
}

func octal(s string) (int, error) {
	n, err := pytext.ParseOctal(s)
	if err != nil {
		return 0, fmt.Errorf("%s can not be converted to an octal type", s)
	}
	return int(max(math.MinInt, min(n, math.MaxInt))), nil
}

var levels = map[string]slog.Level{
	"critical": sirdar.LevelCritical,
	"error":    sirdar.LevelError,
	"warn":     sirdar.LevelWarn,
	"info":     sirdar.LevelInfo,
	"debug":    sirdar.LevelDebug,
	"trace":    sirdar.LevelTrace,
	"blather":  sirdar.LevelBlather,
}

func logLevel(s string) (slog.Level, error) {
	level, ok := levels[pytext.Lower(s)]
	if !ok {
		return 0, fmt.Errorf("bad logging level name %s", pytext.Repr(s))
	}
	return level, nil
}

func autorestart(s string) (Autorestart, error) {
	s = pytext.Lower(s)
	if s == "unexpected" {
		return RestartUnexpected, nil
	}
	always, err := boolean(s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("invalid 'autorestart' value %s", pytext.Repr(s))
	case always:
		return RestartAlways, nil
	default:
		return RestartNever, nil
	}
}

// signal reads a number, or a name with or without SIG. What is a signal is what
// Python's signal module knows, the odd names included that are none.
func signal(s string) (syscall.Signal, error) {
	if sig, ok := signals.Parse(s); ok {
		return sig, nil
	}
	if signals.IsNumber(s) {
		return 0, fmt.Errorf("value %s is not a valid signal number", pytext.Repr(s))
	}
	name := strings.ToUpper(pytext.Strip(s))
	if sig, ok := noSignals[strings.TrimPrefix(name, "SIG")]; ok {
		return sig, nil
	}
	return 0, fmt.Errorf("value %s is not a valid signal name", pytext.Repr(s))
}

// noSignals are the constants of Python's signal module whose names begin as a
// signal's: a configuration may say them, and means their numbers.
var noSignals = map[string]syscall.Signal{
	"_BLOCK": 0, "_DFL": 0, "_IGN": 1, "_SETMASK": 2, "_UNBLOCK": 1,
}

// exitCodes reads a list of numbers from 0 to 255. Nothing is an empty list.
func exitCodes(s string) ([]int, error) {
	if s == "" {
		return nil, nil
	}
	var codes []int
	for word := range strings.SplitSeq(s, ",") {
		n, err := pytext.ParseInt(word)
		if err != nil || n < 0 || n > 255 {
			return nil, fmt.Errorf("not a valid list of exit codes: %s", pytext.Repr(s))
		}
		codes = append(codes, int(n))
	}
	return codes, nil
}

// stringList reads words between commas. Nothing is an empty list.
func stringList(s string) []string {
	if s == "" {
		return nil
	}
	words := strings.Split(s, ",")
	for i, w := range words {
		words[i] = pytext.Strip(w)
	}
	return words
}

// environment reads an environment= setting.
func environment(s string) ([]Var, error) {
	pairs, err := pytext.Pairs(s)
	if err != nil {
		return nil, err
	}
	var vars []Var
	for _, p := range pairs {
		vars = append(vars, Var{p.Key, p.Value})
	}
	return vars, nil
}

// name checks the name of a process or group, which must not hold what separates
// names elsewhere.
func name(s string) (string, error) {
	stripped := pytext.Strip(s)
	for _, c := range " :/" {
		if strings.ContainsRune(stripped, c) {
			return "", fmt.Errorf("Invalid name: %s because of character: '%c'", pytext.Repr(s), c)
		}
	}
	return stripped, nil
}

func port(s string) (int, error) {
	n, err := integer(s)
	switch {
	case err != nil:
		return 0, err
	case n < 1:
		return 0, fmt.Errorf("%d is below lower bound (1)", n)
	case n > 65535:
		return 0, fmt.Errorf("%d is above upper bound (65535)", n)
	}
	return n, nil
}

// inetAddress reads PORT or HOST:PORT and returns "host:port", where an empty host
// means every address.
func inetAddress(s string) (string, error) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		n, err := port(s)
		if err != nil {
			return "", fmt.Errorf("not a valid port number: %s ", pytext.Repr(s))
		}
		return ":" + strconv.Itoa(n), nil
	}
	host, s := pytext.Lower(s[:i]), s[i+1:]
	if s == "" {
		return "", errors.New("no port number specified in ''")
	}
	n, err := port(s)
	if err != nil {
		return "", err
	}
	if host == "*" {
		host = ""
	}
	return host + ":" + strconv.Itoa(n), nil
}
