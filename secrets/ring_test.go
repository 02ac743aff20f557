package secrets

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// keyLine is a key of the tests that consists of one octet.
func keyLine(b byte) string {
	return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, keySize))
}

func ringOf(t testing.TB, lines ...string) *Ring {
	t.Helper()
	r, err := ParseRing(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParseRing(t *testing.T) {
	many := ""
	for i := range maxKeys + 1 {
		many += keyLine(byte(i)) + "\n"
	}
	for _, c := range []struct {
		name, text string
		keys       int // 0: refused
		err        string
	}{
		{"one", keyLine(1), 1, ""},
		{"two, remarks, empty lines", "# of June\n\n " + keyLine(2) + "\r\n" + keyLine(1) + "\n", 2, ""},
		{"as many as may be", many[:len(many)-len(keyLine(0))-1], maxKeys, ""},
		{"one more", many, 0, "more than 64"},
		{"none", "# none\n", 0, "no key"},
		{"short", "AAAA", 0, "line 1 is no key"},
		{"no base64", keyLine(1) + "\nnot-a-key-but-s3cret", 0, "line 2 is no key"},
		{"twice", keyLine(1) + "\n" + keyLine(1), 0, "line 2: the key is there twice"},
		{"a line without end", strings.Repeat("A", 1<<20), 0, "cannot be read"},
	} {
		r, err := ParseRing(c.text)
		switch {
		case c.keys > 0 && (err != nil || len(r.IDs()) != c.keys):
			t.Errorf("%s: %v", c.name, err)
		case c.keys == 0 && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		case err != nil && strings.Contains(err.Error(), "s3cret"):
			t.Errorf("%s: the error %q shows what may be a key", c.name, err)
		}
	}
	if a, b := NewKey(), NewKey(); a == b || len(ringOf(t, a, b).IDs()) != 2 {
		t.Errorf("new keys %q and %q", a, b)
	}
}

// TestSealOpen opens what was sealed as it was sealed only.
func TestSealOpen(t *testing.T) {
	old, both, other := ringOf(t, keyLine(1)), ringOf(t, keyLine(2), keyLine(1)), ringOf(t, keyLine(2))
	for _, n := range []int{0, 1, 30, 31, 32, 33, 4096} {
		secret := bytes.Repeat([]byte{0}, n)
		sealed := old.seal("password", "/a", secret)
		if n >= 30 && bytes.Contains(sealed, secret) || len(sealed) != 1+idSize+12+(n/pad+1)*pad+16 {
			t.Errorf("%d octets sealed as %d", n, len(sealed))
		}
		if again := old.seal("password", "/a", secret); bytes.Equal(again, sealed) {
			t.Error("the same secret is sealed alike twice")
		}
		for name, r := range map[string]*Ring{"the same ring": old, "a ring with a further key": both} {
			if got, err := r.open("password", "/a", sealed); err != nil || !bytes.Equal(got, secret) {
				t.Errorf("%s: %x, %v", name, got, err)
			}
		}
		var unknown *UnknownKeyError
		if _, err := other.open("password", "/a", sealed); !errors.As(err, &unknown) || unknown.ID != old.IDs()[0] || !strings.HasSuffix(err.Error(), " "+other.IDs()[0]) {
			t.Errorf("another key: %v", err)
		}
		if _, err := old.open("private-key", "/a", sealed); err == nil {
			t.Error("a password opens as a private key")
		}
		if _, err := old.open("password", "/b", sealed); err == nil {
			t.Error("what was sealed for one place opens at another")
		}
	}
	sealed := old.seal("password", "/a", []byte("secret"))
	for i := range sealed {
		wrong := bytes.Clone(sealed)
		wrong[i] ^= 1
		if _, err := old.open("password", "/a", wrong); err == nil {
			t.Errorf("with octet %d changed it opens", i)
		}
		if _, err := old.open("password", "/a", sealed[:i]); err == nil {
			t.Errorf("its first %d octets open", i)
		}
	}
}

func FuzzOpen(f *testing.F) {
	r := ringOf(f, keyLine(1))
	f.Add(r.seal("password", "/a", []byte("secret")))
	f.Add([]byte{version})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		id, idErr := keyID(sealed)
		secret, err := r.open("password", "/a", sealed)
		if err == nil && (idErr != nil || id != r.IDs()[0] || string(secret) != "secret") {
			t.Errorf("%x opens as %q", sealed, secret)
		}
	})
}

func FuzzParseRing(f *testing.F) {
	for _, text := range []string{keyLine(1), "# x\n\n" + keyLine(2) + "\r\n" + keyLine(1), "AAAA", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRing(text)
		if err != nil {
			return
		}
		lines := ""
		for _, k := range r.keys {
			lines += base64.StdEncoding.EncodeToString(k.secret) + "\n"
		}
		if again, err := ParseRing(lines); err != nil || fmt.Sprint(again.IDs()) != fmt.Sprint(r.IDs()) {
			t.Errorf("%q has the keys %v, written again %v, %v", text, r.IDs(), again, err)
		}
	})
}
