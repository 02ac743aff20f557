package listeners

import (
	"bytes"
	"context"
	"net"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/logins"
	"github.com/altoam/altoam/netconf/transport"
	"github.com/altoam/altoam/passwords"
)

// ssh reads an ssh-server-grouping at p.
func (r *reader) ssh(p certs.Place, handle func(context.Context, *transport.Conn)) (*transport.SSHServer, error) {
	s := &transport.SSHServer{Handle: handle, Limits: r.l.o.Limits, Logger: r.l.log, Attempted: r.l.o.Logins.Key}
	for _, e := range p.Below("server-identity").Entries("host-key") {
		key, err := r.stores.HostKey(e.Below("public-key"))
		if err != nil {
			return nil, err
		}
		s.HostKeys = append(s.HostKeys, key)
	}
	var err error
	if s.Auth, err = r.users(p.Below("client-authentication", "users")); err != nil {
		return nil, err
	}
	authorities := p.Below("client-authentication", "altoam-netconf-server:user-authorities")
	if s.UserAuthorities, err = r.stores.PublicKeys(authorities); err != nil {
		return nil, err
	}
	if s.Algorithms, err = r.algorithms(p.Below("transport-params")); err != nil {
		return nil, err
	}
	if err := s.Check(); err != nil {
		return nil, p.Below("server-identity").Refuse(rpcerr.InvalidValue, "%v", err)
	}
	if k := p.Below("keepalives"); k.Exists() {
		s.Limits.Keepalive = time.Duration(k.Uint("max-wait")) * time.Second
		s.Limits.KeepaliveAttempts = int(k.Uint("max-attempts"))
	}
	return s, nil
}

// algorithms reads a transport-params-grouping at p, which may be absent.
func (r *reader) algorithms(p certs.Place) (a transport.SSHAlgorithms, err error) {
	for _, x := range []struct {
		container, list string
		kind            transport.SSHKind
		to              *[]string
	}{
		{"host-key", "host-key-alg", transport.SSHHostKeys, &a.HostKeys},
		{"key-exchange", "key-exchange-alg", transport.SSHKeyExchanges, &a.KeyExchanges},
		{"encryption", "encryption-alg", transport.SSHCiphers, &a.Ciphers},
		{"mac", "mac-alg", transport.SSHMACs, &a.MACs},
	} {
		at := p.Below(x.container)
		var names, missing []string
		for _, e := range at.Entries(x.list) {
			names = append(names, e.Key())
		}
		*x.to, missing = transport.Provided(x.kind, names)
		if len(names) > 0 && len(*x.to) == 0 {
			return a, at.Refuse(rpcerr.OperationNotSupported, "none of the algorithms is provided")
		}
		for _, name := range missing {
			r.notes = append(r.notes, "SSH algorithm "+name+" at "+at.Path.String()+" is not provided")
		}
	}
	return a, nil
}

// users reads the users of one endpoint.
func (r *reader) users(p certs.Place) (transport.Authenticator, error) {
	a := &endpointUsers{l: r.l, users: map[string]endpointUser{}}
	for _, e := range p.Entries("user") {
		keys, err := r.stores.PublicKeys(e.Below("public-keys"))
		if err != nil {
			return nil, err
		}
		u := endpointUser{hash: e.Below("password").Leaf("hashed-password").String(), keys: keys}
		a.users[e.Key()], a.cost = u, a.cost.Max(passwords.CostOf(u.hash))
	}
	return a, nil
}

// endpointUsers lets in the users of an endpoint besides those of the whole server.
type endpointUsers struct {
	l     *Listeners
	users map[string]endpointUser
	cost  passwords.Cost // of each failure
}

type endpointUser struct {
	hash string
	keys []ssh.PublicKey
}

// Password implements transport.Authenticator. A failure takes as long for those whom the
// endpoint knows as for others.
func (a *endpointUsers) Password(user, password string, remote net.Addr) error {
	try := logins.Attempt{User: user, Remote: remote.String(), Transport: logins.SSH, Method: logins.Password}
	var hashes []string
	if u := a.users[user]; u.hash != "" {
		hashes = []string{u.hash}
	}
	return a.l.o.Logins.Try(context.Background(), try,
		func() bool {
			return a.l.passwords.Knows(hashes, password) || a.l.o.Knows != nil && a.l.o.Knows(user, password)
		},
		func() error {
			if _, ok := a.l.passwords.VerifyAny(context.Background(), hashes, a.cost, password); ok {
				return nil
			}
			return a.l.o.Users.Password(user, password, remote)
		})
}

// Stands implements transport.Standing. The users of the endpoint are those of the time when
// the connection began.
func (a *endpointUsers) Stands(user string) bool {
	all, asked := a.l.o.Users.(transport.Standing)
	_, mine := a.users[user]
	return mine || !asked || all.Stands(user)
}

// PublicKey implements transport.Authenticator.
func (a *endpointUsers) PublicKey(user string, key ssh.PublicKey, remote net.Addr) error {
	blob := key.Marshal()
	for _, k := range a.users[user].keys {
		if bytes.Equal(k.Marshal(), blob) {
			return nil
		}
	}
	return a.l.o.Users.PublicKey(user, key, remote)
}
