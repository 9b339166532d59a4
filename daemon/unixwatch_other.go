//go:build !linux

package daemon

import (
	"errors"
	"io"
)

// watchSocketFile is not built for this system: a socket file that is removed
// comes back with the next restart.
func watchSocketFile(*unixListener) (io.Closer, error) { return nil, errors.ErrUnsupported }
