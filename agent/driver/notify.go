package driver

import (
	"log/slog"
	"path/filepath"
	"slices"
	"sync"

	"github.com/fsnotify/fsnotify"
)

// notifications is the one watcher of the process: a system allows a user few of them
// (fs.inotify.max_user_instances is 128 on many), and there may be a source for each tenant.
// It is open, with one goroutine, as long as there are subscriptions.
var notifications struct {
	mu   sync.Mutex
	open *notifier
}

// notifier passes on what the system tells of folders to those who subscribed to them.
type notifier struct {
	watcher *fsnotify.Watcher
	ended   chan struct{} // closed when no subscription is told anything any more
	// Under the lock of notifications: by folder, without symbolic links, so that the
	// system's word of it has one name.
	folders map[string][]*subscription
}

// subscription tells of changes of some files. Its channels hold one message each, which
// stands for all since the last receive.
type subscription struct {
	to      *notifier
	log     *slog.Logger
	files   map[string]bool // by their names in folders without symbolic links
	folders []string
	named   chan struct{} // one of the files was written, replaced or deleted
	near    chan struct{} // something in their folders was, that a symbolic link may lead through
}

// subscribe watches the folders of the files, since a file that is replaced is another one
// afterwards. Where the system does not tell of a folder, that is logged and no error. The
// subscription, which is the caller's to end, is never nil.
func subscribe(files []string, log *slog.Logger) *subscription {
	s := &subscription{log: log, files: make(map[string]bool), named: make(chan struct{}, 1), near: make(chan struct{}, 1)}
	const missing = "no notification of file changes, polling only"
	for _, f := range files {
		folder, err := realFolder(f)
		if err != nil {
			log.Warn(missing, "folder", filepath.Dir(f), "error", err)
			continue
		}
		s.files[filepath.Join(folder, filepath.Base(f))] = true
		s.folders = append(s.folders, folder)
	}
	slices.Sort(s.folders)
	if s.folders = slices.Compact(s.folders); len(s.folders) == 0 {
		return s
	}
	notifications.mu.Lock()
	defer notifications.mu.Unlock()
	if notifications.open == nil {
		watcher, err := fsnotify.NewWatcher()
		if err != nil {
			log.Warn(missing, "error", err)
			return s
		}
		notifications.open = &notifier{watcher: watcher, ended: make(chan struct{}), folders: make(map[string][]*subscription)}
		go notifications.open.run()
	}
	s.to = notifications.open
	for _, folder := range s.folders {
		s.to.folders[folder] = append(s.to.folders[folder], s)
		// again for each, since the folder may be another one of that name now
		if err := s.to.watcher.Add(folder); err != nil {
			log.Warn(missing, "folder", folder, "error", err)
		}
	}
	return s
}

func realFolder(file string) (string, error) {
	folder, err := filepath.EvalSymlinks(filepath.Dir(file))
	if err != nil {
		return "", err
	}
	return filepath.Abs(folder)
}

// end returns when nothing is sent to s any more. The last subscription closes the watcher.
func (s *subscription) end() {
	n := s.to
	if n == nil {
		return
	}
	notifications.mu.Lock()
	for _, folder := range s.folders {
		left := slices.DeleteFunc(n.folders[folder], func(other *subscription) bool { return other == s })
		if n.folders[folder] = left; len(left) == 0 {
			delete(n.folders, folder)
			_ = n.watcher.Remove(folder) // the error is that it is gone already
		}
	}
	last := len(n.folders) == 0
	if last {
		notifications.open = nil
	}
	notifications.mu.Unlock()
	if last {
		_ = n.watcher.Close()
		<-n.ended
	}
}

// run ends when the watcher is closed.
func (n *notifier) run() {
	defer close(n.ended)
	events, faults := n.watcher.Events, n.watcher.Errors
	for events != nil || faults != nil {
		select {
		case e, more := <-events:
			if !more {
				events = nil
				continue
			}
			if e.Op != fsnotify.Chmod {
				n.changed(e)
			}
		case err, more := <-faults:
			if !more {
				faults = nil
				continue
			}
			n.failed(err)
		}
	}
}

func (n *notifier) changed(e fsnotify.Event) {
	notifications.mu.Lock()
	defer notifications.mu.Unlock()
	for _, s := range n.folders[filepath.Dir(e.Name)] {
		switch {
		case s.files[e.Name]:
			tell(s.named)
		case e.Has(fsnotify.Create | fsnotify.Rename):
			tell(s.near)
		}
	}
}

// failed has all look, since the system may have lost what it had to tell, and logs it once.
func (n *notifier) failed(err error) {
	notifications.mu.Lock()
	defer notifications.mu.Unlock()
	logged := false
	for _, list := range n.folders {
		for _, s := range list {
			if !logged {
				s.log.Warn("watching files", "error", err)
				logged = true
			}
			tell(s.near)
		}
	}
}

func tell(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
