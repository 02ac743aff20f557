package users

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/yang"
)

// Rule is what a new password must be, where it comes in cleartext: long enough, not empty,
// and of a user of ietf-system not the name. It is a datastore.Participant, for the last of
// these.
type Rule struct {
	// Minimum returns how many bytes a password has at least; nil for one.
	Minimum func() int
	// fresh remembers, by hash and never in cleartext, the newest passwords that came so.
	fresh *verified
}

// NewRule makes a Rule without a Minimum. It must not be changed once it is used.
func NewRule() (*Rule, error) {
	fresh, err := newVerified()
	return &Rule{fresh: fresh}, err
}

// Normalize is the function of that name for passwords that are as the Rule says, or are
// not new.
func (r *Rule) Normalize(s *yang.Node, old, v yang.Value) (yang.Value, error) {
	password, ok := cleartext(s, v)
	switch {
	case !ok:
		return Normalize(s, old, v)
	case stands(s, old, v):
		return old, nil
	}
	least := 1
	if r.Minimum != nil {
		least = max(1, r.Minimum())
	}
	switch {
	case password == "":
		return v, errors.New("the password is empty")
	case len(password) < least:
		return v, fmt.Errorf("the password has %d bytes, at least %d are needed", len(password), least)
	}
	hashed, err := Normalize(s, yang.Value{}, v)
	if err == nil {
		r.fresh.remember(hashed.String(), hashed.String(), password)
	}
	return hashed, err
}

var errNamesake = errors.New("the password is the name of the user")

// cleartext is the password of a value that has one in cleartext.
func cleartext(s *yang.Node, v yang.Value) (password string, ok bool) {
	clear, ok := strings.CutPrefix(v.String(), "$0$")
	switch {
	case !ok:
		return "", false
	case isOf(s, v, cryptType):
		return clear, true
	case isOf(s, v, digestType):
		_, password, ok = strings.Cut(clear, ":")
		return password, ok
	}
	return "", false
}

// isOf tells whether a value, of s, is of a typedef.
func isOf(s *yang.Node, v yang.Value, typedef string) bool {
	return v.Type() != nil && (v.Type().Typedef == typedef || s.Type.Typedef == typedef)
}

// Name implements datastore.Participant.
func (*Rule) Name() string { return "passwords" }

// Prepare implements datastore.Participant: it refuses a user of ietf-system whose new
// password is the name. Cost is that of a look at each user, where a user has changed.
func (r *Rule) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	a := authentication(c.New)
	if a == nil || a == authentication(c.Old) {
		return Guard{}, nil
	}
	for u := range a.Entries(a.Schema().Child(module, "user")) {
		name, hash := u.Leaf("name").String(), u.Leaf("password").String()
		if hash != "" && r.fresh.holds(hash, hash, name) {
			at := tree.Path{{Schema: a.Schema().DataParent}, {Schema: a.Schema()}, {Schema: u.Schema(), Keys: []yang.Value{u.Leaf("name")}}}
			return nil, rpcerr.New(rpcerr.InvalidValue, at.String()+"/password", "%v", errNamesake)
		}
	}
	return Guard{}, nil
}
