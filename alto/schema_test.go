package alto

import (
	"fmt"
	"net/http/httptest"

	"github.com/altoam/altoam/alto/schema/schematest"
)

// requireSchema panics, which fails whatever test it is, unless a response fits the schema
// of its media type.
func requireSchema(w *httptest.ResponseRecorder) {
	media := w.Header().Get("Content-Type")
	if media == "" || w.Header().Get("Content-Encoding") != "" {
		return
	}
	if err := schematest.Check(media, w.Body.Bytes()); err != nil {
		panic(fmt.Sprintf("a response does not fit its schema: %v\n%.2000s", err, w.Body))
	}
}
