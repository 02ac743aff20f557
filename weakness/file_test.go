package weakness

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fileCase is a case that needs files: prepare makes twins of the rule in an empty folder.
type fileCase struct {
	rule    string
	prepare func(t *testing.T, dir string) twins
}

// put makes a file or, where name ends with a slash, a folder, of a mode, whatever the umask.
func put(t *testing.T, mode os.FileMode, dir, name string, text ...string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil && strings.HasSuffix(name, "/") {
		err = os.MkdirAll(path, 0o700)
	} else if err == nil {
		err = os.WriteFile(path, []byte(strings.Join(text, "")), 0o600)
	}
	if err == nil {
		err = os.Chmod(path, mode)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// modes are cases of a file, or folder, whose mode is what matters.
func modes(rule, name, at string, weak, sound os.FileMode, flags func(path string) Flags) fileCase {
	return fileCase{rule, func(t *testing.T, dir string) twins {
		bad, good := put(t, weak, dir, "weak/"+name), put(t, sound, dir, "sound/"+name)
		if at == "" {
			at = bad
		}
		return twins{rule: rule, at: at, weakFlags: flags(bad), okFlags: flags(good)}
	}}
}

func inFolder(path string) Flags { return Flags{DataDir: filepath.Dir(path)} }

var fileCases = []fileCase{
	modes("initial-password", "data/initial-admin-password", "initial-admin-password", 0o600, 0o600, func(path string) Flags {
		if strings.Contains(path, "sound") {
			return Flags{DataDir: filepath.Dir(filepath.Dir(path))} // a folder without it
		}
		return inFolder(path)
	}),
	modes("folder-open", "data/", "data", 0o750, 0o700, func(path string) Flags { return Flags{DataDir: path} }),
	modes("file-writable", "data/running.db", "running.db", 0o660, 0o600, inFolder),
	modes("folder-open", "above/", "data", 0o777, 0o755, func(path string) Flags { return Flags{DataDir: filepath.Join(path, "data")} }),
	modes("file-writable", "data/audit/", "audit", 0o770, 0o700, inFolder),
	{"file-writable", func(t *testing.T, dir string) twins {
		put(t, 0o660, dir, "weak/running.db")
		if err := os.Symlink(filepath.Join(dir, "weak"), filepath.Join(dir, "link")); err != nil {
			t.Fatal(err)
		}
		return twins{rule: "file-writable", at: "running.db", weakFlags: Flags{DataDir: filepath.Join(dir, "link")}, okFlags: Flags{DataDir: put(t, 0o700, dir, "sound/")}}
	}},
	{"file-writable", func(t *testing.T, dir string) twins {
		bad, good := put(t, 0o600, dir, "weak/running.db"), put(t, 0o600, dir, "sound/running.db")
		if os.Chown(bad, 65533, -1) != nil { // who is not root, or alone in a user namespace, cannot give it away
			put(t, 0o602, dir, "weak/running.db")
		}
		return twins{rule: "file-writable", at: "running.db", weakFlags: inFolder(bad), okFlags: inFolder(good)}
	}},
	modes("secret-readable", "data/restconf.key", "restconf.key", 0o644, 0o600, inFolder),
	modes("secret-readable", "data/restconf.key", "restconf.key", 0o604, 0o600, inFolder),
	modes("program-writable", "p/program", "--program", 0o777, 0o755, func(path string) Flags { return Flags{Programs: []string{path}} }),
	modes("program-writable", "p/", "--program", 0o777, 0o755, func(path string) Flags { return Flags{Programs: []string{path + "/program"}} }),
	modes("modules-writable", "yang/", "--yang-path", 0o770, 0o755, func(path string) Flags { return Flags{YANGPaths: []string{path}} }),
	modes("url-dir-open", "urls/", "--url-dir", 0o720, 0o755, func(path string) Flags { return Flags{URLDir: path} }),
	modes("ssh-authorities-writable", "ca.pub", "--ssh-user-ca", 0o666, 0o644, func(path string) Flags { return Flags{SSHUserCA: path} }),
	{"root", func(t *testing.T, dir string) twins {
		if os.Geteuid() != 0 { // then the folder of somebody else shows it
			return twins{rule: "root", at: "/", weakFlags: Flags{DataDir: "/"}, okFlags: Flags{DataDir: dir}}
		}
		other := put(t, 0o700, dir, "data/")
		if os.Chown(other, 4711, 4711) != nil { // in a user namespace with root alone
			other = ""
		}
		return twins{rule: "root", at: dir, weakFlags: Flags{DataDir: dir}, okFlags: Flags{DataDir: other}}
	}},
	{"secret-key-beside", func(t *testing.T, dir string) twins {
		data := put(t, 0o700, dir, "data/")
		return twins{
			rule: "secret-key-beside", at: "data/secret.key", weakFlags: Flags{DataDir: data, SecretKey: put(t, 0o600, data, "secret.key")},
			okFlags: Flags{DataDir: data, SecretKey: put(t, 0o600, dir, "secret.key")},
		}
	}},
	{"secret-key-beside", func(t *testing.T, dir string) twins {
		return twins{
			rule: "secret-key-beside", at: "keys/k", weakFlags: Flags{DataDir: dir, SecretKey: put(t, 0o600, dir, "keys/k")},
			okFlags: Flags{DataDir: dir, SecretKey: filepath.Join(dir, "secret.key")}, // not there: the key is a credential
		}
	}},
	{"seed-secret", func(t *testing.T, dir string) twins {
		return twins{
			rule: "seed-secret", at: "--seed", weakFlags: Flags{Seed: put(t, 0o600, dir, "weak.json", `{"cleartext-password":"x"}`)},
			okFlags: Flags{Seed: put(t, 0o600, dir, "sound.json", `{"encrypted-password":{}}`)},
		}
	}},
	{"seed-secret", func(t *testing.T, dir string) twins {
		return twins{
			rule: "seed-secret", at: "--seed", weakFlags: Flags{Seed: put(t, 0o600, dir, "weak.json", `{"password":"$0$x"}`)},
			okFlags: Flags{Seed: put(t, 0o600, dir, "sound.json", `{"password":"$6$x"}`)},
		}
	}},
	{"source-file", func(t *testing.T, dir string) twins {
		file := func(path string) string { return source(fmt.Sprintf(`"altoam-source-cric:cric":{"path":%q}`, path)) }
		return twins{rule: "source-file", at: "path", weak: file(put(t, 0o606, dir, "weak")), sound: file(put(t, 0o644, dir, "sound"))}
	}},
	{"token-key-file", func(t *testing.T, dir string) twins {
		file := func(path string) string {
			return fmt.Sprintf(`"altoam-restconf:restconf-tokens":{"issuer":[{"name":"i","key-file":%q}]}`, path)
		}
		return twins{rule: "token-key-file", at: "key-file", weak: file(put(t, 0o620, dir, "weak")), sound: file(put(t, 0o644, dir, "sound"))}
	}},
}

// TestFiles has a folder that only root and the user may write to above its files, as far as
// the temporary folder is one: that is sticky.
func TestFiles(t *testing.T) {
	for _, c := range append(fileCases, certificateCases...) {
		t.Run(c.rule, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			c.prepare(t, dir).check(t)
		})
	}
}

// issue makes a certificate; by is nil for one that is signed by itself.
func issue(t *testing.T, key crypto.Signer, end time.Time, algorithm x509.SignatureAlgorithm, byItself bool) []byte {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server"}, NotBefore: today.AddDate(-1, 0, 0), NotAfter: end,
		SignatureAlgorithm: algorithm,
	}
	parent, signer := template, key
	if !byItself {
		parent, signer = &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "ca"}}, crypto.Signer(p256(t))
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func p256(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func trusted(der []byte) string {
	return fmt.Sprintf(`"ietf-truststore:truststore":{"certificate-bags":{"certificate-bag":[{"name":"b","certificate":[{"name":"c","cert-data":%q}]}]}}`,
		base64.StdEncoding.EncodeToString(der))
}

func identified(t *testing.T, addr string, byItself bool) string {
	key := p256(t)
	return restconf(addr, fmt.Sprintf(`"server-identity":{"certificate":{"inline-definition":{"encrypted-private-key":%s,"cert-data":%q}}}`,
		sealed, base64.StdEncoding.EncodeToString(issue(t, key, today.AddDate(1, 0, 0), 0, byItself))))
}

// sealed is the form of secrets in running, which nobody here opens.
const sealed = `{"encrypted-value-format":"altoam-secrets:sealed-value-format","encrypted-value":"AAAA"}`

var certificateCases = []fileCase{
	{"certificate-expired", func(t *testing.T, _ string) twins {
		return twins{
			rule: "certificate-expired", at: "certificate[name='c']/cert-data", weak: trusted(issue(t, p256(t), today.AddDate(0, 0, -1), 0, true)),
			sound: trusted(issue(t, p256(t), today.AddDate(0, 0, 1), 0, true)),
		}
	}},
	{"certificate-expires", func(t *testing.T, _ string) twins {
		return twins{
			rule: "certificate-expires", at: "cert-data", weak: trusted(issue(t, p256(t), today.AddDate(0, 0, 29), 0, true)),
			sound: trusted(issue(t, p256(t), today.AddDate(0, 0, 31), 0, true)),
		}
	}},
	{"certificate-expires", func(t *testing.T, dir string) twins {
		file := func(days int) Flags {
			der := issue(t, p256(t), today.AddDate(0, 0, days), 0, true)
			return Flags{RestconfCertificate: put(t, 0o644, dir, fmt.Sprint(days), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))}
		}
		return twins{rule: "certificate-expires", at: dir, weakFlags: file(1), okFlags: file(100)}
	}},
	{"certificate-weak-key", func(t *testing.T, _ string) twins {
		return twins{
			rule: "certificate-weak-key", at: "cert-data", weak: trusted(weakRSA(t)), sound: trusted(issue(t, p256(t), today.AddDate(1, 0, 0), 0, true)),
		}
	}},
	{"certificate-weak-signature", func(t *testing.T, _ string) twins {
		return twins{
			rule: "certificate-weak-signature", at: "cert-data", weak: trusted(sha1Signed(t)),
			sound: trusted(issue(t, p256(t), today.AddDate(1, 0, 0), x509.ECDSAWithSHA256, false)),
		}
	}},
	{"certificate-self-signed", func(t *testing.T, _ string) twins {
		return twins{rule: "certificate-self-signed", at: "server-identity", weak: identified(t, "192.0.2.1", true), sound: identified(t, "192.0.2.1", false)}
	}},
	{"certificate-self-signed", func(t *testing.T, _ string) twins {
		return twins{rule: "certificate-self-signed", at: "server-identity", weak: identified(t, "::", true), sound: identified(t, "::1", true)}
	}},
}

// weakRSA is a certificate of a key that Go makes no more unless it is told to.
func weakRSA(t *testing.T) []byte {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return issue(t, key, today.AddDate(1, 0, 0), 0, true)
}

// sha1Signed is a certificate that says of itself, in both places where it does, that it is
// signed with RSA and SHA-1: Go does not sign so any more.
func sha1Signed(t *testing.T) []byte {
	t.Helper()
	authority, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server"}, NotAfter: today.AddDate(1, 0, 0)}
	parent := &x509.Certificate{Subject: pkix.Name{CommonName: "ca"}}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, p256(t).Public(), authority)
	if err != nil {
		t.Fatal(err)
	}
	const pkcs1 = "\x2a\x86\x48\x86\xf7\x0d\x01\x01" // with 11 behind it SHA-256, with 5 SHA-1
	return bytes.ReplaceAll(der, []byte(pkcs1+"\x0b"), []byte(pkcs1+"\x05"))
}
