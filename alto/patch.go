package alto

import "bytes"

// PatchFormats is a set of formats of incremental changes (RFC 8895 Section 6.3).
type PatchFormats uint8

// The formats. A merge patch cannot make a member null, and replaces an array as a whole.
const (
	MergePatch PatchFormats = 1 << iota // RFC 7396
	JSONPatch                           // RFC 6902

	AllPatches = MergePatch | JSONPatch
)

// String returns the media types, separated by commas.
func (f PatchFormats) String() string {
	switch f & AllPatches {
	case MergePatch:
		return MediaMergePatch
	case JSONPatch:
		return MediaJSONPatch
	case AllPatches:
		return MediaMergePatch + "," + MediaJSONPatch
	}
	return ""
}

// patchesOf returns the formats of a resource: those it has in m, else all.
func patchesOf(m map[string]PatchFormats, id string) PatchFormats {
	if formats, ok := m[id]; ok {
		return formats
	}
	return AllPatches
}

// appendChangeTypes appends the member "incremental-change-media-types" of the capabilities
// of a service for these resources (RFC 8895 Section 6.3, RFC 9569 Section 5.2).
func appendChangeTypes(b []byte, covers []string, m map[string]PatchFormats) []byte {
	b = append(b, `"incremental-change-media-types":{`...)
	first := true
	for _, id := range covers {
		formats := patchesOf(m, id)
		if formats == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = appendString(append(appendString(b, id), ':'), formats.String())
	}
	return append(b, '}')
}

// patchWriter is told in what an object differs from what it was, and writes that as
// patches of all formats that are wanted and can express it. Names are JSON strings.
type patchWriter struct {
	merge   *mergeWriter // nil: none
	json    *jsonPatchWriter
	changed bool
}

// newPatchWriter returns a writer that gives up a patch when it is longer than limit.
func newPatchWriter(formats PatchFormats, limit int) *patchWriter {
	w := new(patchWriter)
	if formats&MergePatch != 0 {
		w.merge = &mergeWriter{b: []byte{'{'}, limit: limit}
	}
	if formats&JSONPatch != 0 {
		w.json = &jsonPatchWriter{b: []byte{'['}, limit: limit}
	}
	return w
}

// enter begins the changes within a member that is an object before and after.
func (w *patchWriter) enter(name []byte) {
	if w.merge != nil {
		w.merge.enter(name)
	}
	if w.json != nil {
		w.json.enter(name)
	}
}

func (w *patchWriter) leave() {
	if w.merge != nil {
		w.merge.leave()
	}
	if w.json != nil {
		w.json.leave()
	}
}

// put gives a member a value, which is no object where it replaces one.
func (w *patchWriter) put(name, value []byte, replaces bool) {
	w.changed = true
	if w.merge != nil && hasNullMember(value, maxPatchDepth) {
		w.merge = nil
	}
	if w.merge != nil {
		w.merge.put(name, value)
	}
	if w.json != nil {
		w.json.put(name, value, replaces)
	}
	w.give()
}

// exchange gives a member that is an object another one in its place.
func (w *patchWriter) exchange(name, value []byte) {
	w.merge = nil
	w.put(name, value, true)
}

// putList replaces an array by value. A JSON patch has the edits instead, which tell the
// steps from one to the other, where they are shorter.
func (w *patchWriter) putList(name, value []byte, edits func(*jsonPatchWriter)) {
	w.changed = true
	if w.merge != nil {
		w.merge.put(name, value)
	}
	if w.json != nil {
		w.json.putList(name, value, edits)
	}
	w.give()
}

func (w *patchWriter) remove(name []byte) {
	w.changed = true
	if w.merge != nil {
		w.merge.put(name, []byte("null"))
	}
	if w.json != nil {
		w.json.remove(name)
	}
	w.give()
}

// give drops the patches that have become too long.
func (w *patchWriter) give() {
	if w.merge != nil && len(w.merge.b) > w.merge.limit {
		w.merge = nil
	}
	if w.json != nil && len(w.json.b) > w.json.limit {
		w.json = nil
	}
}

// hopeless tells that there will be no patch and that something has changed.
func (w *patchWriter) hopeless() bool { return w.changed && w.merge == nil && w.json == nil }

// smallest returns the patch to send; nil where there is none.
func (w *patchWriter) smallest() (media string, patch []byte) {
	if w.merge != nil {
		media, patch = MediaMergePatch, append(w.merge.b, '}')
	}
	if w.json != nil && (patch == nil || len(w.json.b) < len(patch)) {
		media, patch = MediaJSONPatch, append(w.json.b, ']')
	}
	return media, bytes.Clone(patch) // it is kept, its buffer is not
}

// mergeWriter writes a merge patch. Objects begin with their first change.
type mergeWriter struct {
	b     []byte
	limit int
	path  [][]byte // names of the objects entered
	begun int      // how many of them have been
}

func (w *mergeWriter) enter(name []byte) { w.path = append(w.path, name) }

func (w *mergeWriter) leave() {
	if w.begun == len(w.path) {
		w.b = append(w.b, '}')
		w.begun--
	}
	w.path = w.path[:len(w.path)-1]
}

func (w *mergeWriter) put(name, value []byte) {
	for ; w.begun < len(w.path); w.begun++ {
		w.name(w.path[w.begun])
		w.b = append(w.b, '{')
	}
	w.name(name)
	w.b = append(w.b, value...)
}

func (w *mergeWriter) name(name []byte) {
	if w.b[len(w.b)-1] != '{' { // no value ends so
		w.b = append(w.b, ',')
	}
	w.b = append(append(w.b, name...), ':')
}
