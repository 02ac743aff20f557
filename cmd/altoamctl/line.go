package main

import (
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// asReceived lets through what a server may send although it should not: octets that are
// not UTF-8 become U+FFFD, names that occur twice stay.
var asReceived = json.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))

// writeLine writes v as one line of JSON.
func writeLine(w io.Writer, v any) error {
	text, err := json.Marshal(v, asReceived)
	if err == nil {
		_, err = w.Write(append(text, '\n'))
	}
	return err
}

// valueOf is data as a JSON value: itself, or where it is none a string with it.
func valueOf(data []byte) any {
	if v := jsontext.Value(data); v.IsValid(asReceived) {
		return v
	}
	return string(data)
}
