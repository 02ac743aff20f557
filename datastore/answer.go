package datastore

import (
	"context"

	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// freeAnswer is how much of what is made for an answer is not charged, in bytes: most
// answers take less.
const freeAnswer = 64 << 10

// answer is what was made of one message that a session answers and for the answer, guarded
// by the mutex of the budget.
type answer struct {
	made, charged int64 // bytes
	denied        error // why no more may be made
	over          bool  // nothing is charged any more

	decoding *tree.Meter // of what the message is decoded to; not guarded
}

// operational is Read for Operational. What of it was made for this session alone is
// charged to it.
func (x *Session) operational(ctx context.Context, sel Selection) (*tree.Tree, error) {
	made := x.making()
	meter := x.meter(ctx, made)
	t, err := x.store.operational(ctx, sel, meter)
	if denied := x.Denied(); denied != nil {
		err = denied
	}
	if err != nil {
		return nil, err
	}
	a := x.access()
	if _, whole := a.Sees(nil); !whole { // no more of it is copied than was made
		if err := x.charge(made, int64(meter.Asked())); err != nil {
			return nil, err
		}
	}
	return x.pointed(a, a.Prune(t, sel.Under)).Metered(meter), nil
}

// Metered is t, which the session has read and sends, with what is made of it charged: see
// Denied. It belongs to the goroutine that answers, and must not get into a datastore.
func (x *Session) Metered(ctx context.Context, t *tree.Tree) *tree.Tree {
	if t.Meter() != nil {
		return t
	}
	return t.Metered(x.meter(ctx, x.making()))
}

// Sink is s for the content of the message that the session reads, charged likewise: what
// it decodes to takes several times its size. The refusal is the error that ends the
// decoding. Only for the goroutine that reads the session's messages.
func (x *Session) Sink(ctx context.Context, s tree.Sink) tree.Sink {
	a := x.making()
	if a.decoding == nil {
		a.decoding = x.meter(ctx, a)
	}
	return tree.MeterSink(s, a.decoding, x.Denied)
}

// Denied is the refusal of what had to be made for the answer to the message that the
// session answers: then what was read is not whole, and the answer is that refusal. It is
// because of a Busy, unless the request has ended. Nil while there is enough.
func (x *Session) Denied() error {
	a := x.answer.Load()
	if a == nil {
		return nil
	}
	b := &x.store.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	return a.denied
}

// Spare charges n bytes that an answer which is being written would be better with, and
// tells whether there are so many.
func (x *Session) Spare(n int64) bool { return x.charge(x.making(), n) == nil }

// making is the answer that is being made. ReleaseAnswer may be called meanwhile.
func (x *Session) making() *answer {
	for {
		if a := x.answer.Load(); a != nil {
			return a
		}
		x.answer.CompareAndSwap(nil, &answer{})
	}
}

// meter is a new Meter of a, full also when ctx has ended.
func (x *Session) meter(ctx context.Context, a *answer) *tree.Meter {
	return tree.NewMeter(func(bytes int) bool {
		if ctx.Err() != nil {
			x.ended(a)
			return false
		}
		return x.charge(a, int64(bytes)) == nil
	})
}

// ended refuses to make more for a request that has ended.
func (x *Session) ended(a *answer) {
	b := &x.store.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.denied == nil {
		a.denied = rpcerr.NewProtocol(rpcerr.OperationFailed, "the request ended before its answer was made")
	}
}

// charge counts n more bytes that are made for a.
func (x *Session) charge(a *answer, n int64) error {
	b := &x.store.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.denied != nil || a.over {
		return a.denied
	}
	a.made += n
	if n = a.made - freeAnswer - a.charged; n <= 0 {
		return nil
	}
	most, user := b.bounds.Load(), b.share(x.user.Name)
	switch {
	case most.userAnswers > 0 && user.answers+n > most.userAnswers:
		a.denied = b.busy("memory-size-per-user", true, "what is made for the requests of a user may take %d bytes together", most.userAnswers)
	case most.answers > 0 && b.answers+n > most.answers:
		a.denied = b.busy("memory-size", false, "what is made for requests may take %d bytes together", most.answers)
	default:
		a.charged += n
		user.answers += n
		b.answers += n
	}
	b.tidy(x.user.Name)
	return a.denied
}

// ReleaseAnswer gives back what was charged for the answer to a message. The session's
// owner calls it when the client has that answer, or is gone; what was read for it is of
// no use then. Cost is constant, and next to none where nothing is charged.
func (x *Session) ReleaseAnswer() { x.giveBack(x.answer.Swap(nil)) }

// giveBack ends the charges for a, nil for none: who is still making it can ask Denied on.
func (x *Session) giveBack(a *answer) {
	if a == nil {
		return
	}
	b := &x.store.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	a.over = true
	if a.charged == 0 {
		return
	}
	b.share(x.user.Name).answers -= a.charged
	b.answers -= a.charged
	a.charged = 0
	b.tidy(x.user.Name)
}
