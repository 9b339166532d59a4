package oracle

// A Difference is one thing that ours does otherwise than Supervisor on purpose.
type Difference struct {
	ID   string // how scenarios name it
	What string // one line; it stands word for word in docs/differences.md
	Why  string
}

// Differences are all of them that a scenario shows. docs/differences.md, which
// is written for users, has a row for each.
var Differences = []Difference{
	{
		ID:   "version",
		What: "version",
		Why:  "the release whose behaviour is followed is 4.4; Debian's is 4.2.5",
	},
}

// difference finds a row by its id.
func difference(id string) (Difference, bool) {
	for _, d := range Differences {
		if d.ID == id {
			return d, true
		}
	}
	return Difference{}, false
}
