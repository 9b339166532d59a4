//go:build !linux

package spawn

import "errors"

func closeOnExecFrom(uint) error { return errors.ErrUnsupported }
