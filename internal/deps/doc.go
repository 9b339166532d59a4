// Package deps holds the rules of the house as text, rules.txt, and the test that
// reads them against what go list says. The rules are few and each stands with its
// reason: whoever breaks one reads why it is there.
package deps
