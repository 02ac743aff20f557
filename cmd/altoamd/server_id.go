package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/renameio/v2"
)

// serverIDPattern is what serverID makes up, and any identifier that an operator may put
// in its place.
var serverIDPattern = regexp.MustCompile(`^[0-9a-zA-Z\-_:.]{1,64}$`)

// serverID returns the identifier of the ALTO server in the data folder, where it is made
// up at the first start.
func serverID(dir string) (string, error) {
	path := filepath.Join(dir, "server-id")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		id := "altoam-" + strings.ToLower(rand.Text()[:16])
		return id, renameio.WriteFile(path, []byte(id+"\n"), 0o600)
	}
	id := strings.TrimSpace(string(text))
	if err == nil && !serverIDPattern.MatchString(id) {
		err = fmt.Errorf("%s holds no identifier of a server", path)
	}
	return id, err
}
