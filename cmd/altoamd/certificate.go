package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"github.com/altoam/altoam/certs"
)

// certificateLife is how long the certificate made at the first start is valid.
const certificateLife = 2 * 365 * 24 * time.Hour

// The files of RESTCONF's certificate in the data folder.
const (
	certificateFile = "restconf.pem"
	certificateKey  = "restconf.key"
)

// restconfFiles are those of the flags, or DIR/restconf.pem and restconf.key: a self-signed
// certificate for this host is made there when it has none. A key that is there stays, and
// gets one, as a start may have ended between the two. An operator may replace the files: a
// certificate without its key is an error and stays as it is.
func (o *runOptions) restconfFiles(now time.Time, log *slog.Logger) (*certs.Files, error) {
	base := certs.Modern()
	base.NextProtos = []string{"h2", "http/1.1"}
	if o.RestconfCertificate != "" || o.RestconfKey != "" {
		if o.RestconfCertificate == "" || o.RestconfKey == "" {
			return nil, errors.New("--restconf-certificate and --restconf-key go together")
		}
		return certs.OpenFiles(o.RestconfCertificate, o.RestconfKey, base)
	}
	certificate, key := filepath.Join(o.DataDir, certificateFile), filepath.Join(o.DataDir, certificateKey)
	if !exists(certificate) {
		if exists(key) {
			log.Warn("there is a key of RESTCONF without its certificate: a self-signed one is made", "key", key, "certificate", certificate)
		}
		if err := makeCertificate(certificate, key, now); err != nil {
			return nil, err
		}
	}
	return certs.OpenFiles(certificate, key, base)
}

// makeCertificate makes a certificate for the key in keyFile, and the key first where there
// is none.
func makeCertificate(certificateFile, keyFile string, now time.Time) error {
	if !exists(keyFile) {
		if err := makeKey(keyFile); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	key, err := signerIn(text)
	if err != nil {
		return fmt.Errorf("there is no %s, and none can be made for %s: %w", certificateFile, keyFile, err)
	}
	certificate, err := selfSigned(now, key)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	return renameio.WriteFile(certificateFile, certificate, 0o644, renameio.IgnoreUmask())
}

// signerIn is the key of a file as makeKey makes it.
func signerIn(text []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("it has no PEM block PRIVATE KEY (RFC 5958)")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a key of type %T signs no certificates", key)
	}
	return signer, nil
}

func makeKey(file string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	return renameio.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}

// securedByFiles is a listener whose connections have TLS with the certificate that is in
// use when they are accepted.
type securedByFiles struct {
	net.Listener
	files *certs.Files
}

// Accept implements net.Listener.
func (l securedByFiles) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return tls.Server(nc, l.files.Config()), nil
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// selfSigned makes a certificate for localhost and this host's name, in PEM.
func selfSigned(now time.Time, key crypto.Signer) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	names := []string{"localhost"}
	if h, err := os.Hostname(); err == nil && h != "localhost" {
		names = append(names, h)
	}
	t := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "altoamd"},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(certificateLife),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
