module github.com/sirdar-project/sirdar

go 1.26
