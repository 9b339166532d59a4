package daemon

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
)

// DropPrivileges makes this process the user that the configuration names, with
// exactly that user's groups. Nil means to stay who we are. What is to be logged
// about it is returned, because there is no log yet; an error ends the start.
// HOME, USER and the like stay as they are.
func DropPrivileges(user *config.User) ([]config.Note, error) {
	if user == nil {
		if os.Getuid() == 0 {
			return []config.Note{{Level: sirdar.LevelCritical, Text: runningAsRoot}}, nil
		}
		return nil, nil
	}
	if err := become(user); err != nil {
		return nil, err
	}
	done := fmt.Sprintf("Set uid to user %d succeeded", user.UID)
	return []config.Note{{Level: sirdar.LevelInfo, Text: done}}, nil
}

// become changes user and groups, of all threads. For who we are already nothing
// is done: an ordinary user's daemon may say user= of itself, and root keeps its
// groups.
func become(user *config.User) error {
	switch {
	case user.UID == os.Getuid():
		return nil
	case os.Getuid() != 0:
		return errors.New("Can't drop privilege as nonroot user") //nolint:staticcheck // Supervisor's words
	case syscall.Setgroups(user.Groups) != nil:
		return errors.New("Could not set groups of effective user") //nolint:staticcheck // Supervisor's words
	case syscall.Setgid(user.GID) != nil:
		return errors.New("Could not set group id of effective user") //nolint:staticcheck // Supervisor's words
	}
	if err := syscall.Setuid(user.UID); err != nil {
		return fmt.Errorf("cannot become user %s (uid %d): %w", user.Name, user.UID, err)
	}
	return nil
}

const runningAsRoot = "Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file.  If you intend to run as root, you can set user=root in the config file to avoid this message."
