package xpath

import (
	"strconv"
	"unicode/utf8"
	"unsafe"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// Limits bound what one evaluation may cost. Zero fields mean those of
// ModuleLimits.
type Limits struct {
	// Visits bounds the work: nodes looked at, and texts in pieces of 64 octets.
	// Beyond it the result is a resource-denied error. A million take about 50 ms.
	Visits int
	// Memory bounds the octets of the node-sets and texts that are held at a time.
	// Beyond it the result is a too-big error.
	Memory int
}

// ModuleLimits are those of the expressions in YANG modules.
var ModuleLimits = Limits{Visits: 20_000_000, Memory: 512 << 20}

// UserLimits are those of expressions that clients send.
var UserLimits = Limits{Visits: 5_000_000, Memory: 64 << 20}

// Or returns l with zero fields as in other.
func (l Limits) Or(other Limits) Limits {
	if l.Visits <= 0 {
		l.Visits = other.Visits
	}
	if l.Memory <= 0 {
		l.Memory = other.Memory
	}
	return l
}

// stop is why an evaluation was given up.
type stop uint8

const (
	running     stop = iota
	tooLong          // more visits than allowed
	tooLarge         // more memory than allowed
	interrupted      // the context ended
	circular         // when expressions depend on one another
)

// visitsPerCheck is the number of visits between looks at the context.
const visitsPerCheck = 4096

// meter counts what an evaluation costs.
type meter struct {
	left   int // visits until the next check
	later  int // visits after that
	held   int // octets of arena, node-sets and texts in use
	kept   int // octets that stay until the evaluation ends
	memory int // bound of held and kept, for now
	limit  int // bound of memory

	grants  *tree.Meter // has memory beyond the first permitted; nil for none to ask
	granted int         // the most that memory was
	why     stop
}

func (m *meter) start(l Limits) {
	l = l.Or(ModuleLimits)
	*m = meter{later: l.Visits, memory: l.Memory, limit: l.Memory, kept: m.kept, grants: m.grants, granted: m.granted}
	if m.grants != nil {
		m.memory = min(l.Memory, max(m.granted, grantFree))
	}
}

// halt ends the evaluation: every charge fails from now on.
func (e *Env) halt(why stop) bool {
	if e.why == running {
		e.why = why
	}
	e.left, e.later = 0, 0
	return false
}

// charge counts visited nodes and tells whether evaluation may go on.
func (e *Env) charge(n int) bool {
	if e.left -= n; e.left >= 0 {
		return e.why == running
	}
	return e.check()
}

// check looks at the context and opens the next piece of the budget.
func (e *Env) check() bool {
	if e.why != running {
		e.left = 0
		return false
	}
	e.later += e.left
	if e.later < 0 {
		return e.halt(tooLong)
	}
	if e.Context != nil && e.Context.Err() != nil {
		return e.halt(interrupted)
	}
	e.left = min(e.later, visitsPerCheck)
	e.later -= e.left
	return true
}

// read charges for a text that is compared, scanned or copied.
func (e *Env) read(s string) bool { return len(s) < 64 || e.charge(len(s)/64) }

// made charges for a text that a function made and that is held until the
// predicate that wanted it is decided.
func (e *Env) made(s string) string {
	if !e.hold(len(s)) || !e.read(s) {
		return ""
	}
	return s
}

// hold counts n octets that are held until the arena is released to a mark made before.
func (e *Env) hold(n int) bool {
	if e.held += n; e.held+e.kept > e.memory && !e.grant() {
		return e.halt(tooLarge)
	}
	return e.why == running
}

// The octets of an evaluation that nobody is asked about, and how many more are asked for
// at a time.
const (
	grantFree = 64 << 10
	grantStep = 1 << 20
)

// grant has more memory permitted, within the limit.
func (m *meter) grant() bool {
	need := m.held + m.kept
	if need > m.limit || m.grants == nil {
		return false
	}
	need = min(m.limit, need+grantStep)
	if !m.grants.Take(need - m.memory) {
		return false
	}
	m.memory, m.granted = need, need
	return true
}

// keep counts n octets that stay until the evaluation ends.
func (e *Env) keep(n int) bool {
	e.kept += n
	return e.hold(0)
}

const (
	pointerSize = int(unsafe.Sizeof(uintptr(0)))
	cursorSize  = int(unsafe.Sizeof(Cursor{}))
	// mapEntry is about what an entry of a map of nodes or texts takes.
	mapEntry = 64
	// maxIdle bounds the memory that an Env keeps for its next evaluation.
	maxIdle = 1 << 20
)

// end is the error of the evaluation of p at c.
func (e *Env) end(p *Program, c *Cursor) error {
	if e.why == running {
		return nil
	}
	return e.failure(p.text, c.Path().String())
}

func (e *Env) failure(text, path string) error {
	l := e.Limits.Or(ModuleLimits)
	text = shortened(text)
	switch e.why {
	case tooLong:
		return rpcerr.New(rpcerr.ResourceDenied, path,
			"the XPath expression %s takes more than the %d visits of nodes that one evaluation may make", text, l.Visits)
	case tooLarge:
		return rpcerr.New(rpcerr.TooBig, path,
			"the XPath expression %s selects or makes more than the %d octets that one evaluation may hold", text, l.Memory)
	case interrupted:
		err := rpcerr.New(rpcerr.OperationFailed, path,
			"the evaluation of the XPath expression %s was interrupted before its end", text)
		err.Err = e.Context.Err()
		return err
	}
	return rpcerr.New(rpcerr.OperationFailed, path,
		"the when expressions that %s depends on go round in a circle", text)
}

// shortened quotes an expression, the first part of it when it is long.
func shortened(text string) string {
	const most = 200
	if len(text) <= most {
		return strconv.Quote(text)
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strconv.Quote(text[:cut]) + "…"
}
