package config

import (
	"maps"
	"slices"
)

// Diff compares the groups that are active with those of a configuration and
// returns the names of the groups that are new, that are not as they were and that
// are gone: the first two in the order of the configuration, the last in the active
// order.
//
// As in Supervisor, of two groups with one name only the first can be active, so the
// other is always reported as changed. Unlike Supervisor, which cannot tell an AUTO
// log from any other, this finds a log that is now AUTO and was not before.
func Diff(active []Group, next *Config) (added, changed, removed []string) {
	now := map[string]*Group{}
	for i := range active {
		now[active[i].Name] = &active[i]
	}
	coming := map[string]bool{}
	for i := range next.Groups {
		g := &next.Groups[i]
		coming[g.Name] = true
		switch old := now[g.Name]; {
		case old == nil:
			added = append(added, g.Name)
		case !GroupEqual(old, g):
			changed = append(changed, g.Name)
		}
	}
	for i := range active {
		if !coming[active[i].Name] {
			removed = append(removed, active[i].Name)
		}
	}
	return added, changed, removed
}

// GroupEqual says whether a group need not be made anew to be like another one. Of a
// FastCGI socket only the URL counts, and a [group:x] of one program is no other
// thing than that program by itself.
func GroupEqual(a, b *Group) bool {
	return plainKind(a.Kind) == plainKind(b.Kind) &&
		a.Name == b.Name &&
		a.Priority == b.Priority &&
		a.BufferSize == b.BufferSize &&
		a.ResultHandler == b.ResultHandler &&
		slices.Equal(slices.Sorted(slices.Values(a.Events)), slices.Sorted(slices.Values(b.Events))) &&
		socketURL(a) == socketURL(b) &&
		slices.EqualFunc(a.Processes, b.Processes, processEqual)
}

func plainKind(k GroupKind) GroupKind {
	if k == HeterogeneousGroup {
		return ProgramGroup
	}
	return k
}

func socketURL(g *Group) string {
	if g.Socket == nil {
		return ""
	}
	return g.Socket.URL
}

// processEqual compares all that a configuration says of a process.
func processEqual(a, b Process) bool {
	return a.Name == b.Name &&
		a.Command == b.Command &&
		a.Directory == b.Directory && a.HasDirectory == b.HasDirectory &&
		a.Umask == b.Umask &&
		a.Priority == b.Priority &&
		a.Autostart == b.Autostart &&
		a.Autorestart == b.Autorestart &&
		a.StartSecs == b.StartSecs &&
		a.StartRetries == b.StartRetries &&
		slices.Equal(a.ExitCodes, b.ExitCodes) &&
		a.StopSignal == b.StopSignal &&
		a.StopWaitSecs == b.StopWaitSecs &&
		a.StopAsGroup == b.StopAsGroup &&
		a.KillAsGroup == b.KillAsGroup &&
		uid(a.User) == uid(b.User) &&
		a.RedirectErr == b.RedirectErr &&
		a.Stdout == b.Stdout &&
		a.Stderr == b.Stderr &&
		maps.Equal(variables(a.Environment), variables(b.Environment)) &&
		a.ServerURL == b.ServerURL && a.HasServerURL == b.HasServerURL
}

// uid returns the number of a user, -1 for none: how the user is written does not
// count.
func uid(u *User) int {
	if u == nil {
		return -1
	}
	return u.UID
}

// variables forgets the order of variables.
func variables(vars []Var) map[string]string {
	m := make(map[string]string, len(vars))
	for _, v := range vars {
		m[v.Name] = v.Value
	}
	return m
}
