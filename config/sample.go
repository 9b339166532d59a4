package config

import (
	"fmt"
	"strings"
)

// A sampleSection is one section of the sample file.
type sampleSection struct {
	header string
	kind   Kinds
	active bool   // in force; else commented out
	intro  string // comment lines above it
}

var sampleSections = []sampleSection{
	{"unix_http_server", InUnixServer, true, "The socket that supervisorctl talks to."},
	{"inet_http_server", InInetServer, false, "The same over TCP, and the web page. Whoever can connect can run programs\nas the user of supervisord: give a password, listen on 127.0.0.1."},
	{"supervisord", InSupervisord, true, "The daemon itself. Each key has an option on its command line."},
	{"rpcinterface:supervisor", InInterface, true, "Without this section supervisorctl does not work."},
	{"supervisorctl", InCtl, true, "Must name the socket or the port of a server above, and its password."},
	{"program:theprogramname", InProgram, false, "A program. Change the name and the command; the other keys show what holds\nwhen they are not there, or an example where nothing does."},
	{"eventlistener:theeventlistenername", InEventListener, false, "A program that is told of events. All keys of a program may be used, too."},
	{"fcgi-program:thefcgiprogramname", InFastCGI, false, "A program whose processes share a FastCGI socket. All keys of a program may\nbe used, too."},
	{"group:thegroupname", InGroup, false, "Programs that are started and stopped together."},
	{"include", InInclude, false, "More files. Sections in them are read as if they stood here."},
	{"ctlplugin:thepluginname", InCtlPlugin, false, "More commands for supervisorctl."},
}

// Sample returns a configuration file that shows every section and key: what
// echo_supervisord_conf prints.
func Sample() string {
	var b strings.Builder
	b.WriteString(`; Sample configuration of supervisord.
;
; Lines that begin with a semicolon are comments. A comment behind a value needs
; a blank before its semicolon. Values may hold %(ENV_X)s for the variable X of
; the environment and %(here)s for the directory of this file; write %% for a
; percent sign. Paths are not looked through by a shell, but a leading ~ is a home.
`)
	for _, s := range sampleSections {
		s.write(&b)
	}
	return b.String()
}

func (s sampleSection) write(b *strings.Builder) {
	b.WriteByte('\n')
	for line := range strings.Lines(s.intro + "\n") {
		b.WriteString("; " + line)
	}
	comment := ";"
	if s.active {
		comment = ""
	}
	fmt.Fprintf(b, "%s[%s]\n", comment, s.header)
	for _, o := range optionsIn(s.kind) {
		if s.kind&InAnyProgram != 0 && !s.shows(o) {
			continue
		}
		line := o.Key + "=" + o.sample()
		if !s.active || !o.Active {
			line = ";" + line
		}
		fmt.Fprintf(b, "%-36s ; %s\n", line, o.Doc)
	}
}

// shows says whether an option is shown in the sample of a program-like section: the
// ones that all programs have are shown once.
func (s sampleSection) shows(o *Option) bool {
	return s.kind == InProgram || !o.has(InProgram) || o.Key == "command"
}

// sample returns the value that the sample file shows.
func (o *Option) sample() string {
	if o.Sample != "" {
		return o.Sample
	}
	return o.Default
}

// Reference returns the documentation of every key as a Markdown text, one table
// for each kind of section.
func Reference() string {
	var b strings.Builder
	for _, s := range sampleSections {
		name, _, named := strings.Cut(s.header, ":")
		if named {
			name += ":x"
		}
		fmt.Fprintf(&b, "## [%s]\n\n%s\n\n", name, strings.ReplaceAll(s.intro, "\n", " "))
		b.WriteString("| key | type | default | option | meaning | names for %(…)s |\n|---|---|---|---|---|---|\n")
		for _, o := range optionsIn(s.kind) {
			if s.kind&InAnyProgram != 0 && !s.shows(o) {
				continue
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", o.Key, o.Type, code(o.Default), o.flags(), o.Doc, o.Names)
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// flags lists the command-line options that stand over the key.
func (o *Option) flags() string {
	switch {
	case o.Long == "":
		return ""
	case o.Short == "":
		return "`--" + o.Long + "`"
	}
	return "`-" + o.Short + "` `--" + o.Long + "`"
}

// code quotes a value for Markdown.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}
