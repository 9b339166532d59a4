package web

import (
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"unicode/utf8"
)

// A gate knows who may come in. The zero gate is open.
type gate struct {
	shut     bool
	username string
	password string
	hashed   bool // password is a SHA-1 in hexadecimal digits
}

func newGate(username, password string) gate {
	hash, hashed := strings.CutPrefix(password, "{SHA}")
	if hashed {
		password = hash
	}
	return gate{shut: username != "", username: username, password: password, hashed: hashed}
}

// admit returns 200, or the status with which a request is turned away: 401 without
// the right credentials, 400 where they cannot be read at all.
func (g gate) admit(r *http.Request) int {
	if !g.shut {
		return http.StatusOK
	}
	scheme, encoded, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return http.StatusUnauthorized
	}
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !utf8.Valid(plain) {
		return http.StatusBadRequest
	}
	// Only the first colon counts, so passwords may have others.
	username, password, found := strings.Cut(string(plain), ":")
	if !found || !g.opensFor(username, password) {
		return http.StatusUnauthorized
	}
	return http.StatusOK
}

// opensFor compares in a time that tells nothing of what was right.
func (g gate) opensFor(username, password string) bool {
	if g.hashed {
		sum := sha1.Sum([]byte(password))
		password = hex.EncodeToString(sum[:])
	}
	return equal(username, g.username)&equal(password, g.password) == 1
}

// equal is 1 for equal texts. Hashing makes texts of any length take the same time.
func equal(a, b string) int {
	x, y := sha1.Sum([]byte(a)), sha1.Sum([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) & subtle.ConstantTimeCompare([]byte(a), []byte(b))
}
