package api

import (
	"math"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

// The results of methods, written straight into the answer: a struct's members are
// named once, here, in the order in which Supervisor sends them.

type (
	mood       sirdar.Mood
	info       sirdar.ProcessInfo
	infoList   []sirdar.ProcessInfo
	configList []sirdar.ConfigInfo
	resultList []sirdar.Result
)

// AppendXMLRPC writes the struct of getState.
func (m mood) AppendXMLRPC(dst []byte) []byte {
	s := structure(dst)
	s.int("statecode", int64(m))
	s.string("statename", sirdar.Mood(m).String())
	return s.end()
}

// AppendXMLRPC writes the struct of getProcessInfo.
func (p *info) AppendXMLRPC(dst []byte) []byte {
	s := structure(dst)
	s.string("name", p.Name)
	s.string("group", p.Group)
	s.int("start", p.Start)
	s.int("stop", p.Stop)
	s.int("now", p.Now)
	s.int("state", int64(p.State))
	s.string("statename", p.State.String())
	s.string("spawnerr", p.SpawnErr)
	s.int("exitstatus", int64(p.ExitStatus))
	s.string("logfile", p.StdoutLogfile)
	s.string("stdout_logfile", p.StdoutLogfile)
	s.string("stderr_logfile", p.StderrLogfile)
	s.int("pid", int64(p.PID))
	s.string("description", p.Description)
	return s.end()
}

// AppendXMLRPC writes the array of getAllProcessInfo.
func (l infoList) AppendXMLRPC(dst []byte) []byte {
	dst = xmlrpc.OpenArray(dst)
	for i := range l {
		dst = (*info)(&l[i]).AppendXMLRPC(dst)
	}
	return xmlrpc.CloseArray(dst)
}

// AppendXMLRPC writes the array of getAllConfigInfo.
func (l configList) AppendXMLRPC(dst []byte) []byte {
	dst = xmlrpc.OpenArray(dst)
	for i := range l {
		dst = appendConfig(dst, &l[i])
	}
	return xmlrpc.CloseArray(dst)
}

func appendConfig(dst []byte, c *sirdar.ConfigInfo) []byte {
	s := structure(dst)
	s.bool("autostart", c.Autostart)
	switch c.Autorestart {
	case "true", "false":
		s.bool("autorestart", c.Autorestart == "true")
	default:
		s.string("autorestart", c.Autorestart)
	}
	s.string("directory", c.Directory)
	if c.UID < 0 {
		s.string("uid", "none")
	} else {
		s.int("uid", int64(c.UID))
	}
	s.string("command", c.Command)
	s.ints("exitcodes", c.ExitCodes)
	s.string("group", c.Group)
	s.int("group_prio", int64(c.GroupPriority))
	s.bool("inuse", c.InUse)
	s.bool("killasgroup", c.KillAsGroup)
	s.string("name", c.Name)
	s.int("process_prio", int64(c.Priority))
	s.bool("redirect_stderr", c.RedirectErr)
	s.int("startretries", int64(c.StartRetries))
	s.int("startsecs", int64(c.StartSecs))
	s.stream("stdout", &c.Stdout)
	s.int("stopsignal", int64(c.StopSignal))
	s.int("stopwaitsecs", int64(c.StopWaitSecs))
	s.stream("stderr", &c.Stderr)
	s.string("serverurl", c.ServerURL)
	return s.end()
}

// AppendXMLRPC writes the array of an operation on several processes.
func (l resultList) AppendXMLRPC(dst []byte) []byte {
	dst = xmlrpc.OpenArray(dst)
	for _, r := range l {
		status, description := sirdar.Success, "OK"
		if r.Fault != nil {
			status, description = r.Fault.Code, r.Fault.Text
		}
		s := structure(dst)
		s.string("name", r.Name)
		s.string("group", r.Group)
		s.int("status", int64(status))
		s.string("description", description)
		dst = s.end()
	}
	return xmlrpc.CloseArray(dst)
}

// A structWriter appends the members of one struct.
type structWriter struct{ dst []byte }

func structure(dst []byte) *structWriter { return &structWriter{xmlrpc.OpenStruct(dst)} }

func (s *structWriter) end() []byte { return xmlrpc.CloseStruct(s.dst) }

func (s *structWriter) string(name, value string) {
	s.dst = xmlrpc.AppendStringMember(s.dst, name, value)
}

func (s *structWriter) int(name string, value int64) {
	s.dst = xmlrpc.AppendIntMember(s.dst, name, capped(value))
}

func (s *structWriter) bool(name string, value bool) {
	s.dst = xmlrpc.AppendBoolMember(s.dst, name, value)
}

func (s *structWriter) ints(name string, values []int) {
	s.dst = xmlrpc.OpenArray(xmlrpc.OpenMember(s.dst, name))
	for _, v := range values {
		s.dst = xmlrpc.AppendInt(s.dst, capped(int64(v)))
	}
	s.dst = xmlrpc.CloseMember(xmlrpc.CloseArray(s.dst))
}

func (s *structWriter) stream(which string, i *sirdar.StreamInfo) {
	s.int(which+"_capture_maxbytes", i.CaptureMaxBytes)
	s.bool(which+"_events_enabled", i.EventsEnabled)
	s.string(which+"_logfile", i.Logfile)
	s.int(which+"_logfile_backups", int64(i.LogfileBackups))
	s.int(which+"_logfile_maxbytes", i.LogfileMaxBytes)
	s.bool(which+"_syslog", i.Syslog)
}

// capped keeps a number within the 32 bits of XML-RPC's int. Supervisor does so for
// times; for sizes of 2 GiB it answers nothing at all.
func capped(n int64) int64 { return max(math.MinInt32, min(n, math.MaxInt32)) }
