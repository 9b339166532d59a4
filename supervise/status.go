package supervise

import (
	"cmp"
	"context"
	"os"
	"slices"
	"time"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/config"
	"github.com/sirdar-project/sirdar/process"
)

// About implements [sirdar.Supervisor].
func (s *Supervisor) About(context.Context) (sirdar.About, error) {
	if err := s.up(); err != nil {
		return sirdar.About{}, err
	}
	return sirdar.About{
		Identifier: s.conf.Load().Supervisord.Identifier,
		Version:    sirdar.CompatVersion,
		APIVersion: sirdar.APIVersion,
		PID:        os.Getpid(),
		Mood:       s.Mood(),
	}, nil
}

// Info implements [sirdar.Supervisor]. It reads what the loop has published and
// never waits for the loop.
func (s *Supervisor) Info(_ context.Context, sel sirdar.Selector) ([]sirdar.ProcessInfo, error) {
	if err := s.up(); err != nil {
		return nil, err
	}
	list, err := s.lookup(sel)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.group.cfg.Name, b.group.cfg.Name), cmp.Compare(a.cfg.Name, b.cfg.Name))
	})
	now := time.Now()
	infos := make([]sirdar.ProcessInfo, len(list))
	for i, e := range list {
		infos[i] = e.info(now)
	}
	return infos, nil
}

// info describes the process as it was last published.
func (e *entry) info(now time.Time) sirdar.ProcessInfo {
	p := e.published.Load()
	return sirdar.ProcessInfo{
		Name:          e.cfg.Name,
		Group:         e.group.cfg.Name,
		Start:         process.Epoch(p.LastStart),
		Stop:          process.Epoch(p.LastStop),
		Now:           process.Epoch(now),
		State:         p.State,
		SpawnErr:      p.SpawnErr,
		ExitStatus:    p.ExitStatus,
		StdoutLogfile: e.out[sirdar.Stdout].path(),
		StderrLogfile: e.out[sirdar.Stderr].path(),
		PID:           p.PID,
		Description:   process.Description(p, e.cfg.Name, now),
	}
}

// Configs implements [sirdar.Supervisor].
func (s *Supervisor) Configs(context.Context) ([]sirdar.ConfigInfo, error) {
	if err := s.up(); err != nil {
		return nil, err
	}
	conf := s.conf.Load()
	var rows []sirdar.ConfigInfo
	for i := range conf.Groups {
		g := &conf.Groups[i]
		active := s.group(g.Name)
		for j := range g.Processes {
			rows = append(rows, s.configInfo(conf, g, &g.Processes[j], active))
		}
	}
	slices.SortStableFunc(rows, func(a, b sirdar.ConfigInfo) int { return cmp.Compare(a.Name, b.Name) })
	return rows, nil
}

func (s *Supervisor) configInfo(conf *config.Config, g *config.Group, p *config.Process, active *group) sirdar.ConfigInfo {
	row := sirdar.ConfigInfo{
		Autostart:     p.Autostart,
		Autorestart:   p.Autorestart.String(),
		Directory:     "none",
		UID:           -1,
		Command:       p.Command,
		ExitCodes:     p.ExitCodes,
		Group:         g.Name,
		GroupPriority: g.Priority,
		InUse:         active != nil,
		KillAsGroup:   p.KillAsGroup,
		Name:          p.Name,
		Priority:      p.Priority,
		RedirectErr:   p.RedirectErr,
		StartRetries:  p.StartRetries,
		StartSecs:     p.StartSecs,
		Stdout:        streamInfo(&p.Stdout),
		Stderr:        streamInfo(&p.Stderr),
		StopSignal:    int(p.StopSignal),
		StopWaitSecs:  p.StopWaitSecs,
		ServerURL:     "none",
	}
	if p.HasDirectory {
		row.Directory = p.Directory
	}
	if p.User != nil {
		row.UID = p.User.UID
	}
	if p.HasServerURL {
		row.ServerURL = p.ServerURL
	}
	if conf == s.Config && active != nil { // AUTO logs of the first configuration have their names
		if e := active.entry(p.Name); e != nil {
			row.Stdout.Logfile = cmp.Or(e.out[sirdar.Stdout].path(), row.Stdout.Logfile)
			row.Stderr.Logfile = cmp.Or(e.out[sirdar.Stderr].path(), row.Stderr.Logfile)
		}
	}
	return row
}

func streamInfo(l *config.Log) sirdar.StreamInfo {
	file := cmp.Or(l.Path, "none")
	if l.Auto {
		file = "auto"
	}
	return sirdar.StreamInfo{
		CaptureMaxBytes: l.CaptureMaxBytes,
		EventsEnabled:   l.EventsEnabled,
		Logfile:         file,
		LogfileBackups:  l.Backups,
		LogfileMaxBytes: l.MaxBytes,
		Syslog:          l.Syslog,
	}
}
