package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// differs44 are the files of the corpus that the installed Supervisor reads
// otherwise than 4.4, which we follow, and why.
var differs44 = map[string]string{
	"environment-escapes.conf":        "environment= is tokenized in POSIX mode since 4.4: escapes, glued parts, quoted keys",
	"environment-percent-global.conf": "[supervisord] environment= is expanded once since 4.4, not twice",
}

// core 6-11, 13-23, 25-27, 30-33, 36-38, 40-50, 52-57, 59-70, 72, 75-76, 78-80, 82-87, 114-116
func TestTheCorpusIsReadAsSupervisorReadsIt(t *testing.T) {
	corpus, err := filepath.Abs("testdata/corpus")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(corpus, "*.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 40 {
		t.Fatalf("only %d files", len(files))
	}
	home := t.TempDir()
	environ := map[string]string{
		"HOME": home, "TMPDIR": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
		"PHP_VERSION": "8.2", "PORT": "8080", "QUEUE_SLEEP": "3", "QUEUE_TRIES": "5", "QUEUE_WORKERS": "4",
		"QUEUE_TIMEOUT": "90", "RUN_AS": "www-data", "ENABLED": "true", "HASH": "a ;b #c, d",
	}
	var questions []question
	for _, path := range files {
		_, newer := differs44[filepath.Base(path)]
		questions = append(questions, question{Dir: corpus, Environ: environ, Args: []string{"-c", path}, As44: newer})
		if newer {
			questions = append(questions, question{Dir: corpus, Environ: environ, Args: []string{"-c", path}})
		}
	}
	read := 0
	for i, answer := range askPython(t, questions) {
		q := questions[i]
		name := filepath.Base(q.Args[1])
		want := normal(t, answer)
		if strings.Contains(want, `"crashed"`) {
			t.Errorf("%s: Supervisor %s", name, want)
		}
		if !strings.Contains(want, `"refused"`) {
			read++
		}
		diff := differences(t, q.answer(t), want)
		why, newer := differs44[name]
		switch {
		case newer && !q.As44 && diff == nil:
			t.Errorf("%s does not differ from the installed Supervisor, though %s", name, why)
		case newer && !q.As44:
		case diff != nil:
			t.Errorf("%s: %s", name, strings.Join(diff, "\n"))
		}
	}
	if read < 35 {
		t.Errorf("only %d files can be read", read)
	}
}

func TestTheOddFilesOfTheCorpusAreStillOdd(t *testing.T) {
	for _, name := range []string{"bom.conf", "crlf.conf", "latin1.conf"} {
		data, err := os.ReadFile(filepath.Join("testdata/corpus", name))
		if err != nil {
			t.Fatal(err)
		}
		marks := map[string]string{"bom.conf": "\ufeff", "crlf.conf": "\r\n", "latin1.conf": "\xe9"}
		if !strings.Contains(string(data), marks[name]) {
			t.Errorf("%s has lost what it is about, perhaps to an editor or to git", name)
		}
	}
}
