package transport

import (
	"fmt"

	"golang.org/x/crypto/ssh"
)

// algorithms are those both sides offer, the preferred first: no SHA-1, no CBC,
// no finite-field groups that the peer chooses, and a key exchange that holds
// against quantum computers where the peer has it.
var algorithms = ssh.Config{
	KeyExchanges: []string{
		ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519,
		ssh.KeyExchangeECDHP256, ssh.KeyExchangeECDHP384, ssh.KeyExchangeECDHP521,
		ssh.KeyExchangeDH16SHA512, ssh.KeyExchangeDH14SHA256,
	},
	Ciphers: []string{
		ssh.CipherAES128GCM, ssh.CipherAES256GCM, ssh.CipherChaCha20Poly1305,
		ssh.CipherAES128CTR, ssh.CipherAES192CTR, ssh.CipherAES256CTR,
	},
	MACs: []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM, ssh.HMACSHA256, ssh.HMACSHA512},
}

// withoutSHA1 returns key, restricted to signatures with SHA-2 if it is RSA.
func withoutSHA1(key ssh.Signer) (ssh.Signer, error) {
	if key.PublicKey().Type() != ssh.KeyAlgoRSA {
		return key, nil
	}
	signer, ok := key.(ssh.AlgorithmSigner)
	if !ok {
		return nil, fmt.Errorf("RSA host key of type %T cannot sign with SHA-2", key)
	}
	return ssh.NewSignerWithAlgorithms(signer, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256})
}
