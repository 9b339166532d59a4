// Package kolo measures this project's codec beside github.com/kolo/xmlrpc, Go's
// most used one. It is a module of its own, so that nobody who imports us downloads
// that.
package kolo

import (
	"fmt"
	"reflect"
	"testing"

	kolo "github.com/kolo/xmlrpc"

	"github.com/sirdar-project/sirdar/xmlrpc"
)

// Both libraries understand the same tags.
type processInfo struct {
	Name          string `xmlrpc:"name"`
	Group         string `xmlrpc:"group"`
	Start         int    `xmlrpc:"start"`
	Stop          int    `xmlrpc:"stop"`
	Now           int    `xmlrpc:"now"`
	State         int    `xmlrpc:"state"`
	StateName     string `xmlrpc:"statename"`
	SpawnErr      string `xmlrpc:"spawnerr"`
	ExitStatus    int    `xmlrpc:"exitstatus"`
	Logfile       string `xmlrpc:"logfile"`
	StdoutLogfile string `xmlrpc:"stdout_logfile"`
	StderrLogfile string `xmlrpc:"stderr_logfile"`
	PID           int    `xmlrpc:"pid"`
	Description   string `xmlrpc:"description"`
}

func thousandProcesses() []processInfo {
	list := make([]processInfo, 1000)
	for i := range list {
		name := fmt.Sprintf("worker_%03d", i)
		log := "/var/log/supervisor/" + name + "-stdout---supervisor-x1y2z3.log"
		list[i] = processInfo{
			Name: name, Group: fmt.Sprintf("group%d", i/10), Start: 1700000000 + i, Now: 1700090000, State: 20, StateName: "RUNNING",
			Logfile: log, StdoutLogfile: log, StderrLogfile: "/var/log/supervisor/" + name + "-stderr.log",
			PID: 10000 + i, Description: fmt.Sprintf("pid %d, uptime 1 day, 1:00:%02d", 10000+i, i%60),
		}
	}
	return list
}

func BenchmarkDecode(b *testing.B) {
	list := thousandProcesses()
	doc, err := xmlrpc.AppendResponse(nil, list)
	if err != nil {
		b.Fatal(err)
	}
	for name, decode := range map[string]func(into *[]processInfo) error{
		"kolo": func(into *[]processInfo) error { return kolo.Response(doc).Unmarshal(into) },
		"ours": func(into *[]processInfo) error { return new(xmlrpc.Decoder).ResponseInto(doc, into) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var read []processInfo
			for b.Loop() {
				read = nil
				if err := decode(&read); err != nil {
					b.Fatal(err)
				}
			}
			if !reflect.DeepEqual(read, list) {
				b.Fatal("something else was read")
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	list := thousandProcesses()
	buffer := make([]byte, 0, 4<<20)
	for name, encode := range map[string]func() error{
		"kolo": func() error { _, err := kolo.EncodeMethodCall("m", list); return err },
		"ours": func() error { _, err := xmlrpc.AppendCall(buffer, "m", list); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := encode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
