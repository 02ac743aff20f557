package restconf

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/persist"
	"github.com/altoam/altoam/datastore/rpcerr"
)

// Every configuration resource has the entity tag and time of the whole of running
// (RFC 8040 Sections 3.5.1 and 3.5.2).

// tagOf is the part of an entity tag that the encodings have in common: the
// revision, and the time, so that a datastore made anew has other tags.
func tagOf(h persist.Head) string {
	tag := strconv.FormatUint(uint64(h.Revision), 10)
	if !h.Time.IsZero() {
		tag += "-" + strconv.FormatInt(h.Time.UnixNano(), 36)
	}
	return tag
}

// entityTag is the ETag of running in an encoding.
func entityTag(h persist.Head, e encoding) string {
	return `"` + tagOf(h) + [...]string{".json", ".xml"}[e] + `"`
}

// stamp sets ETag and Last-Modified.
func (q *request) stamp(h persist.Head) {
	q.w.Header().Set("ETag", entityTag(h, q.out))
	if !h.Time.IsZero() {
		q.w.Header().Set("Last-Modified", h.Time.UTC().Format(http.TimeFormat))
	}
}

// notModified tells whether a retrieval can be answered with 304 (RFC 9110 Section
// 13.2.2): If-None-Match counts, without it If-Modified-Since.
func (q *request) notModified(h persist.Head) bool {
	if tags := q.r.Header.Values("If-None-Match"); len(tags) > 0 {
		return matches(tags, func(tag string) bool { return plainTag(strings.TrimPrefix(tag, "W/")) == entityTag(h, q.out) })
	}
	since, err := http.ParseTime(q.r.Header.Get("If-Modified-Since"))
	return err == nil && !h.Time.IsZero() && !changedSince(h, since)
}

// changedSince compares in the whole seconds that HTTP dates have.
func changedSince(h persist.Head, t time.Time) bool { return h.Time.Truncate(time.Second).After(t) }

// admit refuses an edit whose preconditions running does not meet (RFC 9110
// Section 13.2.2). An entity tag of either encoding will do: what is compared is
// the revision.
func (q *request) admit(now *datastore.Snapshot, exists bool) error {
	h := q.r.Header
	tagged := q.res.view.tagged()
	same := func(tag string) bool {
		tag = plainTag(tag)
		return tagged && (tag == entityTag(now.Head, inJSON) || tag == entityTag(now.Head, inXML))
	}
	failed := ""
	if tags := h.Values("If-Match"); len(tags) > 0 {
		if !exists || !matches(tags, same) {
			failed = "If-Match"
		}
	} else if since, err := http.ParseTime(h.Get("If-Unmodified-Since")); err == nil && tagged && changedSince(now.Head, since) {
		failed = "If-Unmodified-Since"
	}
	if tags := h.Values("If-None-Match"); failed == "" && len(tags) > 0 && exists && matches(tags, same) {
		failed = "If-None-Match"
	}
	if failed == "" {
		return nil
	}
	why := "this datastore has no entity tags"
	if tagged {
		q.stamp(now.Head)
		why = "running is at the entity tag in ETag"
	}
	return rpcerr.NewProtocol(rpcerr.OperationFailed, "the condition %s does not hold: %s", failed, why).WithReason(rpcerr.Precondition)
}

// matches tells whether one of the entity tags of header fields is the right one,
// or they are "*".
func matches(fields []string, right func(tag string) bool) bool {
	for _, f := range fields {
		if strings.TrimSpace(f) == "*" || slices.ContainsFunc(entityTags(f), right) {
			return true
		}
	}
	return false
}

// entityTags splits a list of entity tags (RFC 9110 Section 8.8.3); what is none
// ends it.
func entityTags(list string) (tags []string) {
	for {
		list = strings.TrimLeft(list, " \t,")
		weak := strings.HasPrefix(list, "W/")
		start := 0
		if weak {
			start = 2
		}
		if !strings.HasPrefix(list[start:], `"`) {
			return tags
		}
		end := strings.IndexByte(list[start+1:], '"')
		if end < 0 {
			return tags
		}
		end += start + 2
		tags = append(tags, list[:end])
		list = list[end:]
	}
}
