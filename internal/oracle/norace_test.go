//go:build !race && linux

package oracle

const raceEnabled = false
