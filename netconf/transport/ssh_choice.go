package transport

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/ssh"
)

// SSHAlgorithms are names of algorithms in the order of preference. An empty list
// stands for the default ones.
type SSHAlgorithms struct {
	HostKeys, KeyExchanges, Ciphers, MACs []string
}

// Provided divides names of one kind into those that can be offered and the others.
func Provided(kind SSHKind, names []string) (can, cannot []string) {
	known := slices.Concat(kind(ssh.SupportedAlgorithms()), kind(ssh.InsecureAlgorithms()))
	for _, name := range names {
		if slices.Contains(known, name) {
			can = append(can, name)
		} else {
			cannot = append(cannot, name)
		}
	}
	return can, cannot
}

// SSHKind picks the algorithms of one kind.
type SSHKind func(ssh.Algorithms) []string

// The kinds of algorithms.
var (
	SSHHostKeys     SSHKind = func(a ssh.Algorithms) []string { return a.HostKeys }
	SSHKeyExchanges SSHKind = func(a ssh.Algorithms) []string { return a.KeyExchanges }
	SSHCiphers      SSHKind = func(a ssh.Algorithms) []string { return a.Ciphers }
	SSHMACs         SSHKind = func(a ssh.Algorithms) []string { return a.MACs }
)

// config has the default in place of an empty list.
func (a SSHAlgorithms) config() ssh.Config {
	c := algorithms
	if len(a.KeyExchanges) > 0 {
		c.KeyExchanges = a.KeyExchanges
	}
	if len(a.Ciphers) > 0 {
		c.Ciphers = a.Ciphers
	}
	if len(a.MACs) > 0 {
		c.MACs = a.MACs
	}
	return c
}

// signers returns the host keys that can be used with the algorithms.
func (a SSHAlgorithms) signers(keys []ssh.Signer) (out []ssh.Signer, err error) {
	if len(keys) == 0 {
		return nil, errors.New("SSH server has no host key")
	}
	for _, key := range keys {
		if len(a.HostKeys) == 0 {
			if key, err = withoutSHA1(key); err != nil {
				return nil, err
			}
			out = append(out, key)
			continue
		}
		limited, err := a.limit(key)
		if err != nil {
			return nil, err
		}
		if limited != nil {
			out = append(out, limited)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("none of the host keys is for one of the algorithms %v", a.HostKeys)
	}
	return out, nil
}

// limit returns key with those of its algorithms that are to be offered, nil if none.
func (a SSHAlgorithms) limit(key ssh.Signer) (ssh.Signer, error) {
	names := []string{key.PublicKey().Type()}
	if names[0] == ssh.KeyAlgoRSA {
		names = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(a.HostKeys, n) })
	if len(names) == 0 {
		return nil, nil
	}
	signer, ok := key.(ssh.AlgorithmSigner)
	if !ok {
		return nil, fmt.Errorf("host key of type %T cannot choose its algorithm", key)
	}
	return ssh.NewSignerWithAlgorithms(signer, names)
}

// Check says why s could not serve, without serving.
func (s *SSHServer) Check() error {
	_, err := s.Algorithms.signers(s.HostKeys)
	return err
}
