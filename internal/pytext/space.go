package pytext

import (
	"strings"
	"unicode"
)

// IsSpace says whether Python's str.isspace() holds for r. Python counts the
// separators U+001C to U+001F, which Go does not.
func IsSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
}

// Strip is Python's str.strip(): s without white space at both ends.
func Strip(s string) string { return strings.TrimFunc(s, IsSpace) }

// StripRight is Python's str.rstrip().
func StripRight(s string) string { return strings.TrimRightFunc(s, IsSpace) }

// Fields is Python's str.split() without arguments: the words between white space.
func Fields(s string) []string { return strings.FieldsFunc(s, IsSpace) }

// Lower is Python's str.lower(). It differs from Go's in two letters: İ becomes
// two characters, and a Σ that ends a word becomes ς.
func Lower(s string) string {
	if !strings.ContainsAny(s, "İΣ") {
		return strings.ToLower(s)
	}
	runes := []rune(s)
	var b strings.Builder
	for i, r := range runes {
		switch {
		case r == 'İ':
			b.WriteString("i̇")
		case r == 'Σ' && endsWord(runes, i):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// endsWord says whether the letter at i has a letter before it and none after it,
// marks not counted: Unicode's condition Final_Sigma.
func endsWord(runes []rune, i int) bool {
	before := false
	for j := i - 1; j >= 0; j-- {
		if !caseIgnorable(runes[j]) {
			before = cased(runes[j])
			break
		}
	}
	for j := i + 1; j < len(runes); j++ {
		if !caseIgnorable(runes[j]) {
			return before && !cased(runes[j])
		}
	}
	return before
}

func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

func caseIgnorable(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) ||
		strings.ContainsRune("'.:^`\u00a8\u00ad\u00b7\u2018\u2019\u2024\u2027", r)
}
