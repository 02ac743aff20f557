// Package schematest compares messages with the schemas of their media types, in tests.
package schematest

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"strings"
	"sync"

	"github.com/altoam/altoam/alto/schema"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// base is where the schemas say that they are.
const base = "https://altoam.example/schema/"

// compiled are the schemas by file name.
var compiled = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	files, err := fs.Glob(schema.FS, "*.json")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := fs.ReadFile(schema.FS, file)
		if err != nil {
			return nil, err
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := c.AddResource(base+file, document); err != nil {
			return nil, err
		}
	}
	all := make(map[string]*jsonschema.Schema)
	for _, file := range files {
		if all[file], err = c.Compile(base + file); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// Check compares a message with the schema of its Content-Type, and the parts of
// multipart/related with theirs. ALTO's media types have no parameters. A message of
// another type is not looked at. The names of events have parameters without quotes
// (RFC 9275 Section 8.5).
func Check(contentType string, body []byte) error {
	if parameters, ok := strings.CutPrefix(contentType, "multipart/related;"); ok {
		_, boundary, _ := strings.Cut(parameters, "boundary=")
		boundary, _, _ = strings.Cut(boundary, ";")
		return checkParts(body, strings.Trim(boundary, `"`))
	}
	media, _, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return err
	case !strings.HasPrefix(media, "application/alto-"):
		return nil
	case media != contentType:
		return fmt.Errorf("media type %q has parameters", contentType)
	}
	all, err := compiled()
	if err != nil {
		return err
	}
	s := all[schema.File(media)]
	if s == nil {
		return fmt.Errorf("media type %q has no schema", media)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return s.Validate(value)
}

func checkParts(body []byte, boundary string) error {
	r := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if err := Check(part.Header.Get("Content-Type"), text); err != nil {
			return err
		}
	}
}
