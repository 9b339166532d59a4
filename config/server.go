package config

import "strings"

// servers reads the HTTP servers: all inet ones in the order of their sections,
// then all unix ones.
func (l *loader) servers() ([]Server, error) {
	var servers []Server
	for _, kind := range []struct {
		kind            Kinds
		network, prefix string
	}{
		{InInetServer, "tcp", "inet_http_server"},
		{InUnixServer, "unix", "unix_http_server"},
	} {
		for _, section := range l.sections(kind.prefix) {
			s := Server{Section: section, Network: kind.network, UID: -1, GID: -1}
			if err := l.server(kind.kind, &s); err != nil {
				return nil, err
			}
			servers = append(servers, s)
		}
	}
	return servers, nil
}

// server reads one server. Its user name and its password need each other.
func (l *loader) server(kind Kinds, s *Server) error {
	t := l.target(s.Section)
	t.server = s
	user, password := false, false
	for _, o := range optionsIn(kind) {
		given, err := l.readOption(o, t)
		if err != nil {
			return err
		}
		switch o.Key {
		case "username":
			user = given
		case "password":
			password = given
			if user != password {
				return l.errorf(s.Section, "username", "Section [%s] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified", s.Section)
			}
		}
	}
	return nil
}

// ServerURL returns the URL that programs get as $SUPERVISOR_SERVER_URL and that
// supervisorctl may use: that of the first unix server, else that of the last inet
// server, else "".
func ServerURL(servers []Server) string {
	url := ""
	for _, s := range servers {
		if s.Network == "unix" {
			return "unix://" + s.Address
		}
		address := s.Address
		if strings.LastIndexByte(address, ':') == 0 { // no host: every address
			address = "localhost" + address
		}
		url = "http://" + address
	}
	return url
}

// plugins reads the sections that name a factory: [rpcinterface:x], [ctlplugin:x].
// All their other keys are for the factory.
func (l *loader) plugins(kind Kinds, prefix string) ([]Interface, error) {
	factory := optionsIn(kind)[0]
	var list []Interface
	for _, section := range l.sections(prefix) {
		t := l.target(section)
		t.plugin = &Interface{Name: after(section), Options: map[string]string{}}
		if _, err := l.readOption(factory, t); err != nil {
			return nil, err
		}
		for _, key := range l.file.Keys(section) {
			if key == factory.Key {
				continue
			}
			text, _ := l.file.Get(section, key)
			text, err := l.scopes[EnvNames].expand(text, section+"."+key)
			if err != nil {
				return nil, l.at(section, key, err)
			}
			t.plugin.Options[key] = text
		}
		list = append(list, *t.plugin)
	}
	return list, nil
}
