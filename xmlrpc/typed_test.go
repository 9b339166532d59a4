package xmlrpc

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

type color string

type base struct {
	ID int `xmlrpc:"id"`
}

// A tree has a field of every kind, and itself in it.
type tree struct {
	base
	Name     string        `xmlrpc:"name"`
	Color    color         `xmlrpc:"color,omitempty"`
	Small    int8          `xmlrpc:"small,omitempty"`
	Size     uint16        `xmlrpc:"size,omitempty"`
	Weight   float64       `xmlrpc:"weight,omitempty"`
	Alive    bool          `xmlrpc:"alive,omitempty"`
	Planted  time.Time     `xmlrpc:"planted,omitempty"`
	Seed     []byte        `xmlrpc:"seed,omitempty"`
	Branches []tree        `xmlrpc:"branches,omitempty"`
	Next     *tree         `xmlrpc:"next,omitempty"`
	Birds    map[color]int `xmlrpc:"birds,omitempty"`
	Any      any           `xmlrpc:"any,omitempty"`
	Members  Struct        `xmlrpc:"members,omitempty"`
	Celsius  celsius       `xmlrpc:"celsius,omitempty"`
	Lists    [][]*float32  `xmlrpc:"lists,omitempty"`
	Secret   string        `xmlrpc:"-"`
	Untagged string        // goes by its own name
}

// celsius goes over the wire as a text with a degree sign.
type celsius int

func (c celsius) AppendXMLRPC(dst []byte) []byte {
	return AppendString(dst, fmt.Sprintf("%d°", int(c)))
}

func (c *celsius) UnmarshalXMLRPC(value any) error {
	text, _ := value.(string)
	_, err := fmt.Sscanf(text, "%d°", (*int)(c))
	return err
}

func TestTypedValuesComeBackAsTheyWent(t *testing.T) {
	half := float32(0.5)
	in := tree{
		base: base{ID: 7}, Name: "linden <&>", Color: "green", Small: -128, Size: 65535, Weight: 1e20, Alive: true, Planted: time.Date(1850, 5, 1, 12, 0, 0, 0, time.UTC),
		Seed: []byte{0, 255}, Branches: []tree{{Name: "a", Next: &tree{Name: "leaf"}}, {Name: "b"}}, Birds: map[color]int{"red": 2, "blue": 1},
		Any: []any{1, "x"}, Members: Struct{{Name: "z", Value: 1}, {Name: "a", Value: nil}}, Celsius: -4, Lists: [][]*float32{{&half, nil}, {}}, Untagged: "as it is",
	}
	doc, err := AppendResponse(nil, in)
	if err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(into any) error{
		"quickly": func(into any) error { return new(Decoder).ResponseInto(doc, into) },
		"thoroughly": func(into any) error {
			return new(Decoder).ResponseInto([]byte(strings.Replace(string(doc), "?>", "?><!---->", 1)), into)
		},
		"from a value": func(into any) error { v, _ := DecodeResponse(doc); return Unmarshal(v, into) },
	} {
		var out tree
		if err := read(&out); err != nil || !reflect.DeepEqual(out, in) {
			t.Errorf("%s: %v, %+v\nwant %+v", name, err, out, in)
		}
	}
	if again, err := AppendResponse(nil, &in); err != nil || string(again) != string(doc) {
		t.Errorf("a pointer is written otherwise: %v", err)
	}
}

func TestTypedValuesAreWrittenByTheirTags(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string
	}{
		{base{5}, "<value><struct>\n<member>\n<name>id</name>\n<value><int>5</int></value>\n</member>\n</struct></value>\n"},
		{(*base)(nil), "<value><nil/></value>"},
		{map[string]bool{"b": true, "a": false}, "<value><struct>\n<member>\n<name>a</name>\n<value><boolean>0</boolean></value>\n</member>\n<member>\n<name>b</name>\n<value><boolean>1</boolean></value>\n</member>\n</struct></value>\n"},
		{[]uint8{1}, "<value><base64>\nAQ==\n</base64></value>\n"},
		{[]int16{1}, "<value><array><data>\n<value><int>1</int></value>\n</data></array></value>\n"},
		{uint64(1 << 40), "<value><i8>1099511627776</i8></value>\n"},
		{struct {
			A string `xmlrpc:"<a>"`
			B int64
		}{"x", 1 << 40}, "<value><struct>\n<member>\n<name>&lt;a&gt;</name>\n<value><string>x</string></value>\n</member>\n<member>\n<name>B</name>\n<value><i8>1099511627776</i8></value>\n</member>\n</struct></value>\n"},
		{Struct{{Name: "n", Value: 1 << 40}}, "<value><struct>\n<member>\n<name>n</name>\n<value><i8>1099511627776</i8></value>\n</member>\n</struct></value>\n"},
	} {
		got, err := AppendValue(nil, c.in)
		if err != nil || string(got) != c.want {
			t.Errorf("%#v is written as %q (%v), want %q", c.in, got, err, c.want)
		}
	}
	for _, v := range []any{make(chan int), func() {}, uint64(1 << 63), map[int]string{}, []chan int{nil}, struct{ C chan int }{}, complex(1, 1)} {
		if out, err := AppendValue(nil, v); err == nil {
			t.Errorf("%T is written as %q", v, out)
		}
	}
}

func TestWhatDoesNotFitSaysWhere(t *testing.T) {
	for _, c := range []struct {
		value, into any
		want        string
	}{
		{"x", new(int), "xmlrpc: a value of type string does not fit int"},
		{300, new(int8), "xmlrpc: a value of type int does not fit int8"},
		{-1, new(uint), "xmlrpc: a value of type int does not fit uint"},
		{nil, new(string), "xmlrpc: a value of type nil does not fit string"},
		{1.5, new(int), "xmlrpc: a value of type double does not fit int"},
		{Struct{}, new([]int), "xmlrpc: a value of type struct does not fit []int"},
		{[]any{}, new(base), "xmlrpc: a value of type array does not fit xmlrpc.base"},
		{"x", new(json.Marshaler), "xmlrpc: a value of type string does not fit json.Marshaler"},
		{"x", new(chan int), "xmlrpc: a value of type string does not fit chan int"},
		{[]any{Struct{{Name: "name", Value: "a"}}, Struct{{Name: "next", Value: Struct{{Name: "id", Value: true}}}}}, new([]tree), "xmlrpc: a value of type boolean at [1].next.id does not fit int"},
		{Struct{{Name: "birds", Value: Struct{{Name: "tit", Value: "many"}}}}, new(tree), "xmlrpc: a value of type string at birds.tit does not fit int"},
		{Struct{{Name: "celsius", Value: "hot"}}, new(tree), "expected integer"},
		{1, 5, "xmlrpc: cannot store a value in int: it is no pointer, or nil"},
		{1, (*int)(nil), "xmlrpc: cannot store a value in *int: it is no pointer, or nil"},
	} {
		if err := Unmarshal(c.value, c.into); err == nil || err.Error() != c.want {
			t.Errorf("%#v into %T: %v, want %s", c.value, c.into, err, c.want)
		}
		doc, err := AppendResponse(nil, c.value)
		if err != nil {
			t.Fatal(err)
		}
		if err := new(Decoder).ResponseInto(doc, c.into); err == nil || err.Error() != c.want {
			t.Errorf("%#v, read into %T: %v, want %s", c.value, c.into, err, c.want)
		}
	}
}

func TestMembersWithoutAFieldAreLeftOutAndFieldsWithoutAMemberStay(t *testing.T) {
	out := tree{Name: "old", Secret: "kept", Color: "kept"}
	in := Struct{{Name: "new", Value: []any{1, Struct{}}}, {Name: "name", Value: "first"}, {Name: "Secret", Value: "x"}, {Name: "-", Value: "x"}, {Name: "name", Value: "new"}}
	doc, err := AppendResponse(nil, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := new(Decoder).ResponseInto(doc, &out); err != nil {
		t.Fatal(err)
	}
	if want := (tree{Name: "new", Secret: "kept", Color: "kept"}); !reflect.DeepEqual(out, want) {
		t.Errorf("%+v", out)
	}
}

func TestPlansAreMadeByManyAtOnce(t *testing.T) {
	type inner struct{ A, B, C string }
	type outer struct {
		Inner []inner
		Again *outer
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			in := outer{Inner: []inner{{"a", "b", "c"}}, Again: &outer{Inner: []inner{}}}
			doc, err := AppendResponse(nil, in)
			if err != nil {
				t.Error(err)
			}
			var out outer
			if err := new(Decoder).ResponseInto(doc, &out); err != nil || !reflect.DeepEqual(in, out) {
				t.Errorf("%+v, %v", out, err)
			}
		})
	}
	all.Wait()
}
