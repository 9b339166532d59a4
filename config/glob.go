package config

import (
	"slices"
	"strings"

	"github.com/sirdar-project/sirdar/internal/pytext"
)

// glob is Python's sorted(glob.glob(pattern)): hidden names match only a pattern
// that begins with a dot, a pattern that ends with a slash matches directories, **
// is no more than *, and what cannot be read is passed over.
func (h *Host) glob(pattern string) []string {
	found := h.globOne(pattern, false)
	slices.Sort(found)
	return found
}

func hasMagic(s string) bool { return strings.ContainsAny(s, "*?[") }

// globOne returns the paths that match; dirs restricts the last part to directories.
func (h *Host) globOne(pattern string, dirs bool) []string {
	dir, base := pytext.SplitPath(pattern)
	if !hasMagic(pattern) {
		if base == "" && h.isDir(dir) || base != "" && h.lexists(pattern) {
			return []string{pattern}
		}
		return nil
	}
	parents := []string{dir}
	if dir != pattern && hasMagic(dir) {
		parents = h.globOne(dir, true)
	}
	var found []string
	for _, parent := range parents {
		for _, name := range h.names(parent, base, dirs) {
			found = append(found, pytext.JoinPath(parent, name))
		}
	}
	return found
}

// names returns the names in a directory that match one part of a pattern.
func (h *Host) names(dir, part string, dirs bool) []string {
	if !hasMagic(part) {
		if part == "" && h.isDir(dir) || part != "" && h.lexists(pytext.JoinPath(dir, part)) {
			return []string{part}
		}
		return nil
	}
	entries, err := h.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		hidden := strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(part, ".")
		if hidden || !pytext.Match(part, e.Name()) || dirs && !h.isDir(pytext.JoinPath(dir, e.Name())) {
			continue
		}
		names = append(names, e.Name())
	}
	return names
}

func (h *Host) exists(path string) bool {
	_, err := h.Stat(path)
	return err == nil
}

func (h *Host) lexists(path string) bool {
	_, err := h.Lstat(path)
	return err == nil
}

func (h *Host) isDir(path string) bool {
	info, err := h.Stat(path)
	return err == nil && info.IsDir()
}
