module github.com/sirdar-project/sirdar

go 1.26.0

require (
	github.com/peterh/liner v1.2.3
	golang.org/x/sys v0.49.0
)

require (
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/mattn/go-runewidth v0.0.31 // indirect
)
