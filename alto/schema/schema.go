// Package schema holds JSON Schemas (draft-07) of the messages of ALTO: one for each media
// type application/alto-NAME+json, in NAME.schema.json. Those of what a server sends allow
// only what the RFCs define, those of requests anything besides, as servers must. They
// describe the form of a message; what its parts must be to each other the RFCs tell.
package schema

import (
	"embed"
	"strings"
)

// FS holds the schemas. They refer to each other by file name.
//
//go:embed *.schema.json
var FS embed.FS

// File returns the name of the schema of a media type, "" where there is none.
func File(media string) string {
	name, ok := strings.CutPrefix(media, "application/alto-")
	name, also := strings.CutSuffix(name, "+json")
	if file := name + ".schema.json"; ok && also {
		if f, err := FS.Open(file); err == nil {
			f.Close()
			return file
		}
	}
	return ""
}
