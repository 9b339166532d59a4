package config

import (
	"fmt"
	"strings"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// abs returns an absolute path, tidied.
func (h *Host) abs(path string) string {
	return pytext.NormPath(pytext.JoinPath(h.Dir, path))
}

// getenv returns the first variable of that name.
func (h *Host) getenv(name string) (string, bool) {
	for _, kv := range h.Environ {
		if k, v, ok := strings.Cut(kv, "="); ok && k == name {
			return v, true
		}
	}
	return "", false
}

// expandUser replaces a leading ~ or ~user by a home directory, as Python's
// os.path.expanduser does: $HOME first, and a user nobody knows stays as written.
func (h *Host) expandUser(path string) string {
	if !strings.HasPrefix(path, "~") {
		return path
	}
	user, rest := path[1:], ""
	if i := strings.IndexByte(path, '/'); i >= 0 {
		user, rest = path[1:i], path[i:]
	}
	home, ok := "", false
	if user == "" {
		home, ok = h.getenv("HOME")
	}
	if !ok {
		var a *Account
		var err error
		if user == "" {
			a, err = h.UserByID(h.UID)
		} else {
			a, err = h.UserByName(user)
		}
		if err != nil {
			return path
		}
		home = a.Home
	}
	if path = strings.TrimRight(home, "/") + rest; path == "" {
		return "/"
	}
	return path
}

// normalize makes a path absolute, after ~.
func (h *Host) normalize(path string) string { return h.abs(h.expandUser(path)) }

// existingDirectory reads the path of a directory, which is kept as it is written,
// but for ~.
func (h *Host) existingDirectory(s string) (string, error) {
	path := h.expandUser(s)
	if path == "" || !h.isDir(h.abs(path)) {
		return "", fmt.Errorf("%s is not an existing directory", s)
	}
	return path, nil
}

// existingDirpath reads the path of a file whose directory must exist. A bare name
// has none.
func (h *Host) existingDirpath(s string) (string, error) {
	path := h.expandUser(s)
	dir, _ := pytext.SplitPath(path)
	if dir != "" && !h.isDir(h.abs(dir)) {
		return "", fmt.Errorf("The directory named as part of the path %s does not exist", s)
	}
	return path, nil
}

// tempDir returns the directory that AUTO logs go to unless childlogdir says
// otherwise: the first that Python's tempfile module would use.
func (h *Host) tempDir() (string, error) {
	var candidates []string
	for _, name := range []string{"TMPDIR", "TEMP", "TMP"} {
		if dir, _ := h.getenv(name); dir != "" {
			candidates = append(candidates, h.abs(dir))
		}
	}
	candidates = append(candidates, "/tmp", "/var/tmp", "/usr/tmp", h.Dir)
	for _, dir := range candidates {
		if h.isDir(dir) && h.Writable(dir) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("No usable temporary directory found in %s; use childlogdir to name one", pytext.ReprList(candidates))
}

// user reads the name or the number of a user.
func (h *Host) user(s string) (*User, error) {
	var uid int
	n, err := integer(s)
	if err != nil {
		a, err := h.UserByName(s)
		if err != nil {
			return nil, fmt.Errorf("Invalid user name %s", s)
		}
		uid = a.UID
	} else {
		uid = n
	}
	a, err := h.UserByID(uid)
	if err != nil {
		return nil, fmt.Errorf("Invalid user id %s", s)
	}
	groups, err := a.Groups()
	if err != nil {
		return nil, fmt.Errorf("cannot find the groups of user %s: %w", s, err)
	}
	return &User{Name: s, UID: uid, GID: a.GID, Groups: groups}, nil
}

// userAndGroup reads user or user:group; the group is -1 when it is not given.
func (h *Host) userAndGroup(s string) (uid, gid int, err error) {
	name, group, given := strings.Cut(s, ":")
	u, err := h.user(name)
	if err != nil {
		return 0, 0, err
	}
	if !given {
		return u.UID, -1, nil
	}
	gid, err = h.group(group)
	return u.UID, gid, err
}

// group reads the name or the number of a group.
func (h *Host) group(s string) (int, error) {
	gid, err := integer(s)
	if err != nil {
		return h.GroupByName(s)
	}
	return gid, h.GroupByID(gid)
}

// socket reads where a FastCGI socket is.
func (h *Host) socket(s string) (*Socket, error) {
	if path, ok := strings.CutPrefix(s, "unix://"); ok {
		if !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("('Unix socket path %%s is not an absolute path', %s)", pytext.Repr(path))
		}
		path = h.normalize(path)
		return &Socket{URL: "unix://" + path, Network: "unix", Address: path}, nil
	}
	host, number, ok := tcpAddress(s)
	if !ok {
		return nil, fmt.Errorf("('Bad socket format %%s', %s)", pytext.Repr(s))
	}
	n, err := port(number)
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("%s:%d", pytext.Lower(host), n)
	return &Socket{URL: "tcp://" + address, Network: "tcp", Address: address}, nil
}

// tcpAddress takes tcp://HOST:PORT apart.
func tcpAddress(s string) (host, port string, ok bool) {
	s, ok = strings.CutPrefix(s, "tcp://")
	host, port, colon := strings.Cut(strings.TrimSuffix(s, "\n"), ":")
	if !ok || !colon || host == "" || strings.IndexFunc(host, pytext.IsSpace) >= 0 || !digits(port) {
		return "", "", false
	}
	return host, port, true
}

// digits says whether s is nothing but decimal digits.
func digits(s string) bool {
	_, err := pytext.ParseInt("1" + s)
	return s != "" && err == nil && !strings.Contains(s, "_") && pytext.Strip(s) == s
}
