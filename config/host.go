package config

import (
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"sync"
)

// A Host is all that a configuration depends on beside its files and the command
// line. Loading asks it and changes nothing.
type Host struct {
	Environ  []string // "NAME=value"
	Hostname string   // what %(host_node_name)s stands for
	Dir      string   // the working directory, where relative paths begin
	UID      int      // our own

	ReadFile func(path string) ([]byte, error)
	Stat     func(path string) (fs.FileInfo, error)
	Lstat    func(path string) (fs.FileInfo, error)
	ReadDir  func(path string) ([]fs.DirEntry, error)
	Writable func(dir string) bool // may files be made there?

	UserByName  func(name string) (*Account, error)
	UserByID    func(uid int) (*Account, error)
	GroupByName func(name string) (gid int, err error)
	GroupByID   func(gid int) error // nil = there is one

	// Plugin says whether a factory named in a section, as
	// supervisor.rpcinterface_factory or result_handler, can be had; nil = it
	// can. When the func itself is nil that is left to the one who makes it.
	Plugin func(spec string) error
}

// An Account is a user of the machine.
type Account struct {
	Name   string
	UID    int
	GID    int
	Home   string
	Groups func() ([]int, error) // the primary one, then each that lists the user
}

// ThisHost returns the machine we run on.
func ThisHost() Host {
	hostname, _ := os.Hostname() // "" is what uname would say, too
	dir, _ := os.Getwd()         // a directory that is gone: relative paths will not be found
	return Host{
		Environ:     os.Environ(),
		Hostname:    hostname,
		Dir:         dir,
		UID:         os.Getuid(),
		ReadFile:    os.ReadFile,
		Stat:        os.Stat,
		Lstat:       os.Lstat,
		ReadDir:     os.ReadDir,
		Writable:    writable,
		UserByName:  func(name string) (*Account, error) { return account(user.Lookup(name)) },
		UserByID:    func(uid int) (*Account, error) { return account(user.LookupId(strconv.Itoa(uid))) },
		GroupByName: groupByName,
		GroupByID:   groupByID,
	}
}

func account(u *user.User, err error) (*Account, error) {
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &Account{Name: u.Username, UID: uid, GID: gid, Home: u.HomeDir, Groups: func() ([]int, error) { return groups(u, gid) }}, nil
}

// groups returns the groups of a user as Supervisor sets them: the primary one
// first, because some systems let setgid overwrite the first.
func groups(u *user.User, primary int) ([]int, error) {
	ids, err := u.GroupIds()
	if err != nil {
		return nil, err
	}
	list := []int{primary}
	for _, id := range ids {
		gid, err := strconv.Atoi(id)
		if err != nil {
			return nil, err
		}
		if gid != primary {
			list = append(list, gid)
		}
	}
	return list, nil
}

func groupByName(name string) (int, error) {
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(g.Gid)
}

func groupByID(gid int) error {
	_, err := user.LookupGroupId(strconv.Itoa(gid))
	return err
}

// remember makes h ask for each user once: ten thousand programs of one user are one
// question.
func (h *Host) remember() {
	h.UserByName = memo(h.UserByName)
	h.UserByID = memo(h.UserByID)
}

// memo remembers the answers for accounts, and their groups.
func memo[K comparable](ask func(K) (*Account, error)) func(K) (*Account, error) {
	type answer struct {
		account *Account
		err     error
	}
	known := map[K]answer{}
	return func(key K) (*Account, error) {
		a, ok := known[key]
		if !ok {
			a.account, a.err = ask(key)
			if a.err == nil {
				once := *a.account
				once.Groups = sync.OnceValues(a.account.Groups)
				a.account = &once
			}
			known[key] = a
		}
		return a.account, a.err
	}
}
