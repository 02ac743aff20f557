package discovery

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/miekg/dns"
)

// firstLine is how each file begins that Export writes.
const firstLine = "; U-NAPTR records that lead to an ALTO server (RFC 8686). Written by altoam, changes are lost.\n"

// CheckFile tells why Export would not write a file: there is one with something else than what
// it has written, or it cannot be read. An empty one is fine.
func CheckFile(file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	begin := make([]byte, len(firstLine))
	n, err := io.ReadFull(f, begin)
	if n == 0 && err == io.EOF || string(begin) == firstLine {
		return nil
	}
	return fmt.Errorf("%s holds something else than records that altoamd has written: remove it, or name another file", file)
}

// Text renders records as lines of a zone file (RFC 1035 Section 5.1), ordered, with all
// names absolute: equal records give equal text.
func Text(records []dns.RR) []byte {
	lines := make([]string, 0, len(records))
	for _, rr := range records {
		lines = append(lines, rr.String())
	}
	slices.Sort(lines)
	var b bytes.Buffer
	b.WriteString(firstLine)
	for _, line := range lines {
		b.WriteString(strings.ReplaceAll(line, "\t", " "))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// Export makes a file hold text, which is one of Text: atomically, and only where it does not
// already. A file that CheckFile refuses stays as it is.
func Export(file string, text []byte) (written bool, err error) {
	if err := CheckFile(file); err != nil {
		return false, err
	}
	old, err := os.ReadFile(file)
	if err == nil && bytes.Equal(old, text) {
		return false, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return true, renameio.WriteFile(file, text, 0o644, renameio.IgnoreUmask())
}
