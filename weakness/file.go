package weakness

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// What rules say of modes: who but the user of a file may do what.
const (
	write = 0o022
	reach = 0o077
)

// fileRules are about files, and how altoamd is started.
var fileRules = []Rule{
	{
		"root", Medium, "run altoamd as a user of its own (docs/running.md)",
		func(s *subject, report func(path, why string)) {
			if owner, ok := ownerOf(s.Flags.DataDir); ok && owner == 0 {
				report(s.Flags.DataDir, "altoamd runs as root, and needs no right of root")
			}
		},
	},
	{
		"folder-open", Medium, "chmod go= the folder, and go-w those above it",
		func(s *subject, report func(path, why string)) {
			if mode, ok := modeOf(s.Flags.DataDir); ok && mode&reach != 0 {
				report(s.Flags.DataDir, fmt.Sprintf("others may look into the data folder, whose mode is %#o", mode))
			}
			if s.Flags.DataDir == "" {
				return
			}
			if why := othersWrite(filepath.Join(s.Flags.DataDir, "..")); why != "" {
				report(s.Flags.DataDir, why+": they can put another data folder in the place of this one")
			}
		},
	},
	{
		"file-writable", High, "chmod go-w the file, and see that it is as it was",
		func(s *subject, report func(path, why string)) {
			user, known := ownerOf(s.Flags.DataDir)
			s.eachFile(func(path string, mode fs.FileMode) {
				if mode&write != 0 {
					report(path, fmt.Sprintf("others may write to it: its mode is %#o", mode))
				}
				if owner, ok := ownerOf(path); ok && known && owner != user && owner != 0 {
					report(path, fmt.Sprintf("it belongs to user %d, and the data folder to user %d", owner, user))
				}
			})
		},
	},
	{
		"secret-readable", High, "chmod go= the file, and replace what was secret in it",
		func(s *subject, report func(path, why string)) {
			s.eachFile(func(path string, mode fs.FileMode) {
				if mode&reach != 0 && secret(filepath.Base(path)) {
					report(path, fmt.Sprintf("others may read it: its mode is %#o", mode))
				}
			})
		},
	},
	{
		"secret-key-beside", Low, "keep the key apart, with --secret-key or as a credential of systemd (docs/secrets.md)",
		func(s *subject, report func(path, why string)) {
			beside, err := filepath.Rel(s.Flags.DataDir, s.Flags.SecretKey)
			if _, there := modeOf(s.Flags.SecretKey); there && s.Flags.DataDir != "" && err == nil && filepath.IsLocal(beside) {
				report(s.Flags.SecretKey, "the key that secrets are sealed with is in the data folder: who gets a copy of the folder can open them")
			}
		},
	},
	{
		"program-writable", High, "let nobody but root write to the file and its folder",
		func(s *subject, report func(path, why string)) {
			for _, file := range s.Flags.Programs {
				if why := othersWrite(file); why != "" {
					report("--program", why+": they choose what altoamd executes")
				}
			}
		},
	},
	{
		"modules-writable", Medium, "let nobody but root write to the folder",
		func(s *subject, report func(path, why string)) {
			for _, folder := range s.Flags.YANGPaths {
				if why := othersWrite(folder); why != "" {
					report("--yang-path", why+": they choose the modules of the next start")
				}
			}
		},
	},
	{
		"url-dir-open", Medium, "let nobody but the user of altoamd write to the folder",
		func(s *subject, report func(path, why string)) {
			if mode, ok := modeOf(s.Flags.URLDir); ok && mode&write != 0 {
				report("--url-dir", fmt.Sprintf("others may write to %s, whose mode is %#o: they choose what operators load", s.Flags.URLDir, mode))
			}
		},
	},
	{
		"ssh-authorities-writable", High, "let nobody but root write to the file",
		func(s *subject, report func(path, why string)) {
			if why := othersWrite(s.Flags.SSHUserCA); why != "" {
				report("--ssh-user-ca", why+": they can make themselves any user")
			}
		},
	},
	{
		"seed-secret", Medium, "remove the file once it has been used, or have hashes in it",
		func(s *subject, report func(path, why string)) {
			text, err := os.ReadFile(s.Flags.Seed)
			if err == nil && (bytes.Contains(text, []byte(`$0$`)) || bytes.Contains(text, []byte(`cleartext-`))) {
				report("--seed", s.Flags.Seed+" has a password or a private key in clear text")
			}
		},
	},
	{
		"debug", Low, "start without the flag",
		func(s *subject, report func(path, why string)) {
			if s.Flags.Debug {
				report("--debug", "records tell more than they need to of what clients send")
			}
		},
	},
}

// secret tells whether a file of that name in the data folder is one to be read by nobody.
func secret(name string) bool {
	return strings.HasSuffix(name, ".key") || strings.HasSuffix(name, ".db") || strings.HasSuffix(name, ".hash") ||
		strings.HasPrefix(name, "ssh_host_") || name == "initial-admin-password"
}

// eachFile calls f for the files of the data folder, for its folders, and for the files there.
func (s *subject) eachFile(f func(path string, mode fs.FileMode)) {
	if s.Flags.DataDir == "" {
		return
	}
	root, err := filepath.EvalSymlinks(s.Flags.DataDir) // WalkDir follows none
	if err != nil {
		return
	}
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // what cannot be read tells nothing
		}
		if info, err := d.Info(); err == nil && path != root && (info.Mode().IsRegular() || info.IsDir()) {
			f(path, info.Mode().Perm())
		}
		return nil
	})
}

func modeOf(path string) (fs.FileMode, bool) {
	info, err := os.Stat(path)
	if err != nil || path == "" {
		return 0, false
	}
	return info.Mode().Perm(), true
}

func ownerOf(path string) (uid uint32, ok bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return s.Uid, true
}

// othersWrite says which of a file and the folders above it others may write to; "" for
// none. A folder like /tmp, where nobody may replace the files of others, is none.
func othersWrite(path string) string {
	if path == "" {
		return ""
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	chain := []string{path}
	for dir := filepath.Dir(path); dir != chain[len(chain)-1]; dir = filepath.Dir(dir) {
		chain = append(chain, dir)
	}
	i := slices.IndexFunc(chain, func(p string) bool {
		info, err := os.Stat(p)
		return err == nil && info.Mode().Perm()&write != 0 && info.Mode()&fs.ModeSticky == 0
	})
	if i < 0 {
		return ""
	}
	return "others may write to " + chain[i]
}
