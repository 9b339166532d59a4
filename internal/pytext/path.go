package pytext

import "strings"

// NormPath is Python's os.path.normpath: no empty, "." or ".." parts where they can
// be done without. Two leading slashes, which POSIX sets apart, stay two.
func NormPath(path string) string {
	if path == "" {
		return "."
	}
	slashes := 0
	if strings.HasPrefix(path, "/") {
		slashes = 1
		if strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "///") {
			slashes = 2
		}
	}
	var parts []string
	for _, part := range strings.Split(path, "/") {
		up := part == ".."
		switch {
		case part == "" || part == ".":
		case !up || slashes == 0 && len(parts) == 0 || len(parts) > 0 && parts[len(parts)-1] == "..":
			parts = append(parts, part)
		case len(parts) > 0:
			parts = parts[:len(parts)-1]
		}
	}
	path = strings.Repeat("/", slashes) + strings.Join(parts, "/")
	if path == "" {
		return "."
	}
	return path
}

// SplitPath is Python's os.path.split: what is before the last slash, without
// trailing slashes unless it is all slashes, and what is after it.
func SplitPath(path string) (dir, base string) {
	i := strings.LastIndexByte(path, '/') + 1
	dir, base = path[:i], path[i:]
	if trimmed := strings.TrimRight(dir, "/"); trimmed != "" {
		dir = trimmed
	}
	return dir, base
}

// JoinPath is Python's os.path.join for two parts: an absolute second one stands
// for itself.
func JoinPath(dir, name string) string {
	if strings.HasPrefix(name, "/") || dir == "" {
		return name
	}
	if strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}

// Match is Python's fnmatch for one name: *, ? and […], where […] takes ! for not
// and a backslash is a character like any other.
func Match(pattern, name string) bool {
	return match([]rune(pattern), []rune(name))
}

func match(p, s []rune) bool {
	// On a mismatch go back to the last star and let it take one more.
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(s) {
		if i < len(p) {
			if p[i] == '*' {
				star, mark = i, j
				i++
				continue
			}
			if next, ok := matchOne(p, i, s[j]); ok {
				i = next
				j++
				continue
			}
		}
		if star < 0 {
			return false
		}
		mark++
		i, j = star+1, mark
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// matchOne matches the element of the pattern at i with one character and returns
// where the next element begins.
func matchOne(p []rune, i int, r rune) (int, bool) {
	switch p[i] {
	case '?':
		return i + 1, true
	case '[':
		if end := classEnd(p, i); end > 0 {
			return end + 1, inClass(p[i+1:end], r)
		}
	}
	return i + 1, p[i] == r
}

// classEnd returns the index of the bracket that closes the one at i, or -1: the
// first character of a class may be a bracket itself.
func classEnd(p []rune, i int) int {
	j := i + 1
	if j < len(p) && p[j] == '!' {
		j++
	}
	if j < len(p) && p[j] == ']' {
		j++
	}
	for ; j < len(p); j++ {
		if p[j] == ']' {
			return j
		}
	}
	return -1
}

// inClass says whether r is in the class between the brackets. A range whose ends
// are the wrong way round holds nothing.
func inClass(class []rune, r rune) bool {
	not := len(class) > 0 && class[0] == '!'
	if not {
		class = class[1:]
	}
	found := false
	for k := 0; k < len(class); k++ {
		low, high := class[k], class[k]
		if k+2 < len(class) && class[k+1] == '-' {
			high = class[k+2]
			k += 2
		}
		if low <= r && r <= high {
			found = true
		}
	}
	return found != not
}
