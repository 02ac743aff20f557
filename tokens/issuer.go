package tokens

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// container is where the issuers are configured.
const container = "altoam-restconf:restconf-tokens"

// issuer is one whose tokens are accepted. It is immutable but for the file.
type issuer struct {
	name       string
	algorithms []string
	keys       []key
	file       *keyFile // nil for none
	validator  *jwt.Validator
	leeway     time.Duration
	userClaim  string
	// The claims with roles of ALTO and groups of access control, "" for none.
	roleClaim, groupsClaim string
	scope                  string // "" for any
}

// Name implements datastore.Participant.
func (v *Verifier) Name() string { return container }

// Prepare implements datastore.Participant. It reads the keys and the key files; one
// that cannot be read refuses the change, unless running had it before a restart.
func (v *Verifier) Prepare(_ context.Context, c datastore.Change) (datastore.Prepared, error) {
	after := certs.Root(c.New).Below(container)
	if before := certs.Root(c.Old).Below(container); before.Node == after.Node {
		return change{v, v.issuers.Load()}, nil
	}
	all, err := v.readAll(after, c.Resumed)
	if err != nil {
		return nil, err
	}
	return change{v, all}, nil
}

// readAll makes the issuers of the list below p, by the claim iss.
func (v *Verifier) readAll(p certs.Place, resumed bool) (*map[string]*issuer, error) {
	all := map[string]*issuer{}
	for _, e := range p.Entries("issuer") {
		i, err := v.read(e, resumed)
		if err != nil {
			return nil, err
		}
		all[e.Leaf("issuer").String()] = i
	}
	return &all, nil
}

type change struct {
	*Verifier
	to *map[string]*issuer
}

// Apply implements datastore.Prepared.
func (c change) Apply() { c.issuers.Store(c.to) }

// Abort implements datastore.Prepared.
func (c change) Abort() {}

// read makes the issuer of a list entry.
func (v *Verifier) read(p certs.Place, resumed bool) (*issuer, error) {
	i := &issuer{
		name: p.Key(), algorithms: values(p, "algorithm"), leeway: time.Duration(p.Uint("leeway")) * time.Second,
		userClaim: "sub", roleClaim: p.Leaf("role-claim").String(), groupsClaim: p.Leaf("groups-claim").String(), scope: p.Leaf("required-scope").String(),
	}
	if claim := p.Leaf("user-claim"); !claim.IsZero() {
		i.userClaim = claim.String()
	}
	i.validator = jwt.NewValidator(
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(i.leeway), jwt.WithTimeFunc(v.now),
		jwt.WithIssuer(p.Leaf("issuer").String()), jwt.WithAudience(values(p, "audience")...),
	)
	for _, e := range p.Entries("key") {
		k, err := i.readKey(e)
		if err != nil {
			return nil, err
		}
		i.keys = append(i.keys, k)
	}
	if path := p.Leaf("key-file"); !path.IsZero() {
		i.file = &keyFile{path: path.String(), log: v.log}
		if err := i.file.reload(); err != nil && !resumed {
			return nil, p.Below("key-file").Refuse(rpcerr.InvalidValue, "the key file cannot be used: %v", err)
		} else if err != nil {
			v.log.Error("the key file of an issuer of tokens cannot be used, it is tried again", "issuer", i.name, "error", err)
		}
	}
	return i, nil
}

// readKey makes the key of a list entry.
func (i *issuer) readKey(p certs.Place) (k key, err error) {
	at := p.Below("jwk")
	if at.Exists() {
		k, err = parseJWK([]byte(at.Node.Value().String()))
	} else {
		at = p.Below("pem")
		k.public, err = parsePEM([]byte(at.Node.Value().String()))
	}
	if err == nil {
		err = k.check()
	}
	id := p.Key()
	switch {
	case err != nil:
		return k, at.Refuse(rpcerr.InvalidValue, "no public key that could verify a signature: %v", err)
	case k.id != "" && k.id != id:
		return k, at.Refuse(rpcerr.InvalidValue, "the kid of the key is %q, not the key-id", clip(k.id))
	case !slices.ContainsFunc(i.algorithms, k.fits):
		return k, at.Refuse(rpcerr.InvalidValue, "the key fits none of the algorithms of the issuer: it is for %s", k.purpose())
	}
	k.id = id
	return k, nil
}

// values are the values of a leaf-list.
func values(p certs.Place, name string) (all []string) {
	s := p.Node.Schema().Child(p.Node.Schema().Module.Name, name)
	for e := range p.Node.Entries(s) {
		all = append(all, e.Value().String())
	}
	return all
}

// keysFor chooses the keys that may verify a token by its header, of which nothing else
// counts (RFC 8725 Sections 3.1 and 3.10). version is that of the file's.
func (i *issuer) keysFor(t *jwt.Token) (set jwt.VerificationKeySet, version int, err error) {
	alg := t.Method.Alg()
	if !slices.Contains(i.algorithms, alg) {
		return set, 0, fmt.Errorf("the issuer %q may not use %s", i.name, alg)
	}
	if _, ok := t.Header["crit"]; ok { // RFC 7515 Section 4.1.11
		return set, 0, errors.New("its header has critical parameters")
	}
	kid, named := "", false
	if h, ok := t.Header["kid"]; ok {
		if kid, named = h.(string); !named {
			return set, 0, errors.New("its kid is no string")
		}
	}
	keys := i.keys
	if i.file != nil {
		var more []key
		more, version = i.file.current()
		keys = slices.Concat(keys, more)
	}
	for _, k := range keys {
		if k.fits(alg) && (!named || k.id == kid) {
			set.Keys = append(set.Keys, k.public)
		}
	}
	switch {
	case len(set.Keys) == 0:
		return set, 0, fmt.Errorf("the issuer %q has no key %q for %s", i.name, clip(kid), alg)
	case len(set.Keys) > 1 && !named:
		return set, 0, fmt.Errorf("the issuer %q has several keys for %s, and the token names none", i.name, alg)
	}
	return set, version, nil
}
