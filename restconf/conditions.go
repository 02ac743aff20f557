package restconf

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
)

// A configuration resource has the entity tag and the time of the last commit that
// changed it or what is below it (RFC 8040 Sections 3.5.1 and 3.5.2); a list as a whole
// those of the node it is in; the candidate and startup one for all they hold.

// tagOf is the part of an entity tag that the encodings have in common: the commit,
// and its time, so that a datastore made anew has other tags.
func tagOf(m tree.Mark) string {
	tag := strconv.FormatUint(m.Revision, 10)
	if !m.Time.IsZero() {
		tag += "-" + strconv.FormatInt(m.Time.UnixNano(), 36)
	}
	return tag
}

// representations end the entity tags of a resource in JSON, in XML, and in XML of
// several entries, each of which is another one (RFC 9110 Section 8.8.3.3).
var representations = []string{".json", ".xml", ".xml-list"}

func entityTag(m tree.Mark, representation string) string {
	return `"` + tagOf(m) + representation + `"`
}

// entityTag is the ETag of the answer.
func (q *request) entityTag(m tree.Mark) string {
	if q.list {
		return entityTag(m, ".xml-list")
	}
	return entityTag(m, representations[q.out])
}

// revisionOf is the commit that an entity tag names, 0 where it is none of ours.
func revisionOf(tag string) uint64 {
	digits, _, _ := strings.Cut(strings.Trim(tag, `"`), "-")
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// stamp sets ETag and Last-Modified.
func (q *request) stamp(m tree.Mark) {
	q.w.Header().Set("ETag", q.entityTag(m))
	if !m.Time.IsZero() {
		q.w.Header().Set("Last-Modified", m.Time.UTC().Format(http.TimeFormat))
	}
}

// notModified tells whether a retrieval can be answered with 304 (RFC 9110 Section
// 13.2.2): If-None-Match counts, without it If-Modified-Since.
func (q *request) notModified(m tree.Mark) bool {
	if tags := q.r.Header.Values("If-None-Match"); len(tags) > 0 {
		return matches(tags, func(tag string) bool { return plainTag(strings.TrimPrefix(tag, "W/")) == q.entityTag(m) })
	}
	since, ok := date(q.r.Header, "If-Modified-Since")
	return ok && !m.Time.IsZero() && !changedSince(m, since)
}

// date is the date in a header field; without one, or with another text, ok is false.
func date(h http.Header, field string) (t time.Time, ok bool) {
	text := h.Get(field)
	if text == "" {
		return t, false
	}
	t, err := http.ParseTime(text)
	return t, err == nil
}

// changedSince compares in the whole seconds that HTTP dates have.
func changedSince(m tree.Mark, t time.Time) bool { return m.Time.Truncate(time.Second).After(t) }

// names tells whether an entity tag is one of the resource, in whatever
// representation: what is compared is the commit.
func names(m tree.Mark) func(tag string) bool {
	return func(tag string) bool {
		tag = plainTag(tag)
		return slices.ContainsFunc(representations, func(r string) bool { return tag == entityTag(m, r) })
	}
}

// changed is the precondition If-Match, without it If-Unmodified-Since, where the
// resource does not meet it (RFC 9110 Section 13.2.2), else "".
func (q *request) changed(m tree.Mark, exists bool) string {
	h := q.r.Header
	if tags := h.Values("If-Match"); len(tags) > 0 {
		if !exists || !matches(tags, names(m)) {
			return "If-Match"
		}
		return ""
	}
	if since, ok := date(h, "If-Unmodified-Since"); ok && changedSince(m, since) {
		return "If-Unmodified-Since"
	}
	return ""
}

// admit refuses an edit whose preconditions the resource does not meet.
func (q *request) admit(now *datastore.Snapshot) error {
	m, exists := now.Mark(q.res.path), now.Tree.Find(q.res.path) != nil
	seen, _ := q.session.Sees(q.res.path)
	if exists = exists && seen; !q.tagKnown(exists) {
		return q.admitUntagged(exists)
	}
	failed := q.changed(m, exists)
	if tags := q.r.Header.Values("If-None-Match"); failed == "" && len(tags) > 0 && exists && matches(tags, names(m)) {
		failed = "If-None-Match"
	}
	if failed == "" {
		return nil
	}
	return q.refused(failed, m, exists)
}

// refused is the error for a condition that does not hold.
func (q *request) refused(failed string, m tree.Mark, exists bool) error {
	why := "the resource does not exist"
	if exists {
		q.stamp(m)
		why = "the resource has the entity tag in ETag"
	}
	e := rpcerr.NewProtocol(rpcerr.OperationFailed, "the condition %s does not hold: %s", failed, why)
	return e.At(q.res.path.String()).WithReason(rpcerr.Precondition)
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
