package api

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/sirdar-project/sirdar"
	"github.com/sirdar-project/sirdar/xmlrpc"
)

func (n node) readMainLog(ctx context.Context, args []any) (any, error) {
	offset, length, err := integers(args)
	if err != nil {
		if _, fault := n.sup.ReadMainLog(ctx, 0, 1); fault != nil {
			return nil, fault
		}
		return nil, err
	}
	b, err := n.sup.ReadMainLog(ctx, offset, length)
	return text(b, offset != 0), err
}

func (n node) readLog(stream sirdar.Stream) function {
	return func(ctx context.Context, args []any) (any, error) {
		sel, err := n.process(ctx, args[0])
		if err != nil {
			return nil, err
		}
		offset, length, err := integers(args[1:])
		if err != nil {
			if _, fault := n.sup.ReadLog(ctx, sel, stream, 0, 1); fault != nil {
				return nil, fault // it comes before what is wrong with the numbers
			}
			return nil, err
		}
		b, err := n.sup.ReadLog(ctx, sel, stream, offset, length)
		return text(b, offset != 0), err
	}
}

func (n node) tailLog(stream sirdar.Stream) function {
	return func(ctx context.Context, args []any) (any, error) {
		sel, err := n.process(ctx, args[0])
		if err != nil {
			return nil, err
		}
		offset, length, err := integers(args[1:])
		if err != nil {
			_, fault := n.sup.ReadLog(ctx, sel, stream, 0, 1)
			switch {
			case errors.Is(fault, &sirdar.Fault{Code: sirdar.NoFile}):
				return tail{}, nil // nobody looks at the numbers then
			case fault != nil:
				return nil, fault
			}
			return nil, err
		}
		t, err := n.sup.TailLog(ctx, sel, stream, offset, length)
		return tail{t}, err
	}
}

type tail struct{ sirdar.Tail }

// AppendXMLRPC writes the array of the tail methods.
func (t tail) AppendXMLRPC(dst []byte) []byte {
	dst = xmlrpc.OpenArray(dst)
	dst = xmlrpc.AppendString(dst, text(t.Bytes, int64(len(t.Bytes)) < t.Offset))
	dst = xmlrpc.AppendInt(dst, capped(t.Offset))
	dst = xmlrpc.AppendBool(dst, t.Overflow)
	return xmlrpc.CloseArray(dst)
}

// text makes a text of a piece of a log. Where the piece begins or ends in the
// middle of a character the rest of that character is left out; what else is not
// UTF-8, or not allowed in XML, goes out as U+FFFD. (Supervisor answers such a
// piece with the HTTP status 500, or with XML that nobody can read.)
func text(b []byte, begun bool) string {
	if begun {
		for skipped := 0; skipped < utf8.UTFMax-1 && len(b) > 0 && !utf8.RuneStart(b[0]); skipped++ {
			b = b[1:]
		}
	}
	for back := 1; back < utf8.UTFMax && back <= len(b); back++ {
		last := b[len(b)-back:]
		if !utf8.RuneStart(last[0]) {
			continue
		}
		if last[0] >= utf8.RuneSelf && !utf8.FullRune(last) {
			b = b[:len(b)-back]
		}
		break
	}
	return string(b)
}
