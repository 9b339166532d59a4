package pytext

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The errors of Split and Pairs, in Python's words.
var (
	ErrNoClosingQuotation = errors.New("No closing quotation")
	ErrNoEscapedCharacter = errors.New("No escaped character")
)

// Split is Python's shlex.split(s): the words of a command line, by POSIX shell
// rules of quoting and nothing else of a shell.
func Split(s string) ([]string, error) {
	l := lexer{text: s}
	return l.words()
}

// A Pair is one KEY=VALUE of an environment= setting.
type Pair struct{ Key, Value string }

// Pairs reads the value of an environment= setting as Supervisor 4.4 does: tokens
// are taken by fours, a key, an equals sign, a value and a separator that nobody
// looks at. A key that comes twice keeps its first place and its last value.
func Pairs(s string) ([]Pair, error) {
	l := lexer{text: s, isWord: pairWord, comments: true}
	tokens, err := l.words()
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	at := map[string]int{}
	for i := 0; i < len(tokens); i += 4 {
		if len(tokens)-i < 3 || tokens[i+1] != "=" {
			return nil, fmt.Errorf("Unexpected end of key/value pairs in value '%s'", s)
		}
		key, value := tokens[i], tokens[i+2]
		if n, seen := at[key]; seen {
			pairs[n].Value = value
			continue
		}
		at[key] = len(pairs)
		pairs = append(pairs, Pair{key, value})
	}
	return pairs, nil
}

// pairWord says which characters make words in an environment= setting: those of
// Python's shlex in POSIX mode, and the ones that Supervisor adds.
func pairWord(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
		return true
	case r >= 'À' && r <= 'ÿ':
		return r != '×' && r != '÷'
	}
	return strings.ContainsRune("/.+-():", r)
}

// A lexer is Python's shlex in POSIX mode.
type lexer struct {
	text     string
	pos      int
	isWord   func(rune) bool // nil = everything that is not special
	comments bool            // '#' drops the rest of the line
}

func (l *lexer) words() ([]string, error) {
	var words []string
	for {
		word, ok, err := l.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			return words, nil
		}
		words = append(words, word)
	}
}

// next returns the next token, or false at the end.
func (l *lexer) next() (string, bool, error) {
	l.skip()
	var word strings.Builder
	started := false // a word of quotes alone is a word, be it empty
	for l.pos < len(l.text) {
		r, char := l.char()
		switch {
		case isShellSpace(r), l.comments && r == '#':
			return word.String(), true, nil
		case r == '\\':
			l.pos++
			if l.pos == len(l.text) {
				return "", false, ErrNoEscapedCharacter
			}
			_, char = l.char()
			word.WriteString(char)
		case r == '\'' || r == '"':
			if err := l.quoted(r, &word); err != nil {
				return "", false, err
			}
			char = `"`
		case l.isWord != nil && !l.isWord(r):
			if !started {
				l.pos += len(char)
				return char, true, nil
			}
			return word.String(), true, nil
		default:
			word.WriteString(char)
		}
		started = true
		l.pos += len(char)
	}
	return word.String(), started, nil
}

// char returns the character at the position, as a rune and as it is written.
func (l *lexer) char() (rune, string) {
	r, size := utf8.DecodeRuneInString(l.text[l.pos:])
	return r, l.text[l.pos : l.pos+size]
}

// skip passes white space and comments.
func (l *lexer) skip() {
	for l.pos < len(l.text) {
		switch r, _ := l.char(); {
		case isShellSpace(r):
			l.pos++
		case l.comments && r == '#':
			line, _, _ := strings.Cut(l.text[l.pos:], "\n")
			l.pos += len(line)
		default:
			return
		}
	}
}

// quoted appends a quoted part to word and stops on its closing quote. Inside
// double quotes a backslash escapes the quote and itself, elsewhere it stays.
func (l *lexer) quoted(q rune, word *strings.Builder) error {
	l.pos++
	for l.pos < len(l.text) {
		r, char := l.char()
		switch {
		case r == q:
			return nil
		case r == '\\' && q == '"':
			l.pos++
			if l.pos == len(l.text) {
				return ErrNoEscapedCharacter
			}
			r, char = l.char()
			if r != q && r != '\\' {
				word.WriteByte('\\')
			}
		}
		word.WriteString(char)
		l.pos += len(char)
	}
	return ErrNoClosingQuotation
}

func isShellSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }
