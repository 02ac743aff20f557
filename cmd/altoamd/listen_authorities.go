package main

import (
	"bytes"
	"fmt"
	"os"

	"golang.org/x/crypto/ssh"
)

// userAuthorities reads a file as OpenSSH's TrustedUserCAKeys: a public key a line, and
// comments. No file gives none; a file without a key is an error.
func userAuthorities(file string) (keys []ssh.PublicKey, err error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for rest := text; len(bytes.TrimSpace(rest)) > 0; {
		var key ssh.PublicKey
		if key, _, _, rest, err = ssh.ParseAuthorizedKey(rest); err != nil {
			break
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s has no public key", file)
	}
	return keys, nil
}
