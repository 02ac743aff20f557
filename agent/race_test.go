package agent_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/altoam/altoam/datastore"
)

// TestCommitsAndReaders has commits, requests and reads of operational at once. A
// commit changes network map and cost map together: no client may see a cost map
// that names a network map other than the one served before or after.
func TestCommitsAndReaders(t *testing.T) {
	l := newLab(t)
	l.must(l.merge(campusServer()))
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				l.checkDirectory()
				if _, err := l.session().Read(ctx, datastore.Operational, datastore.Selection{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 40 {
		prefix := fmt.Sprintf("198.51.100.%d/32", i)
		l.must(l.merge(object{"data-source": list{static("campus", object{"pid": list{pid("lan", prefix)}})}}))
		extra := fmt.Sprintf("extra%d", i)
		l.must(l.merge(object{"resource": list{networkMap(extra, "campus", nil)}}))
		l.must(l.delete(resources + "[resource-id='" + extra + "']"))
	}
	close(done)
	readers.Wait()
}

// checkDirectory asks for everything the root IRD lists. What is deleted in between
// may be gone, nothing may fail.
func (l *lab) checkDirectory() {
	_, body := l.get("directory")
	var d directory
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		l.Errorf("root IRD: %v", err)
		return
	}
	for id := range d.Resources {
		if status, _ := l.get("networkmap/" + id); status != http.StatusOK && status != http.StatusNotFound {
			l.Errorf("GET networkmap/%s: %d", id, status)
		}
	}
}
