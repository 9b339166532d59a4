package config

// Ctl is what supervisorctl reads of a configuration file: the [supervisorctl]
// section and the [ctlplugin:x] sections, with defaults filled in.
type Ctl struct {
	ServerURL   string
	Username    string // "" = none
	Password    string // "" = none
	Prompt      string
	HistoryFile string      // absolute path; "" = no history is kept
	Plugins     []Interface // [ctlplugin:x]: Factory is supervisor.ctl_factory
}
