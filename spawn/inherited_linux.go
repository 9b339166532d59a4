package spawn

import (
	"math"

	"golang.org/x/sys/unix"
)

// closeOnExecFrom marks every descriptor from first on. It needs Linux 5.11.
func closeOnExecFrom(first uint) error {
	return unix.CloseRange(first, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC)
}
