package discovery

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/miekg/dns"
)

// Text renders records as lines of a zone file (RFC 1035 Section 5.1), ordered, with all
// names absolute: equal records give equal text.
func Text(records []dns.RR) []byte {
	lines := make([]string, 0, len(records))
	for _, rr := range records {
		lines = append(lines, rr.String())
	}
	slices.Sort(lines)
	var b bytes.Buffer
	b.WriteString("; U-NAPTR records that lead to an ALTO server (RFC 8686). Written by altoam, changes are lost.\n")
	for _, line := range lines {
		b.WriteString(strings.ReplaceAll(line, "\t", " "))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// Export makes a file hold text: atomically, and only where it does not already.
func Export(file string, text []byte) (written bool, err error) {
	old, err := os.ReadFile(file)
	if err == nil && bytes.Equal(old, text) {
		return false, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return true, renameio.WriteFile(file, text, 0o644, renameio.IgnoreUmask())
}
