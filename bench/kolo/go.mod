module github.com/sirdar-project/sirdar/bench/kolo

go 1.26.0

require github.com/sirdar-project/sirdar v0.0.0

require github.com/kolo/xmlrpc v0.0.0-20220921171641-a4b6fa1dd06b

replace github.com/sirdar-project/sirdar => ../..
