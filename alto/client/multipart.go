package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
)

const mediaMultipart = "multipart/related"

// maxParts bounds the parts of an answer; those of ALTO have two.
const maxParts = 16

// Part is one of a multipart answer (RFC 9275 Section 7.2.6).
type Part struct {
	Media string
	ID    string // Content-ID, without the brackets
	Body  []byte
}

// Parts reads the answer as multipart/related, the root first (RFC 2387 Section 3.2).
func (r *Response) Parts() (list []Part, err error) {
	err = eachPart(r.Media, bytes.NewReader(r.Body), func(p *multipart.Part) error {
		body, err := io.ReadAll(p)
		id := p.Header.Get("Content-ID")
		if len(id) > 2 && id[0] == '<' && id[len(id)-1] == '>' {
			id = id[1 : len(id)-1]
		}
		list = append(list, Part{p.Header.Get("Content-Type"), id, body})
		return err
	})
	return list, err
}

// PathVectors reads the answer as path vectors: costs whose values name abstract network
// elements, and the properties of these (RFC 9275 Section 7.2.6).
func (r *Response) PathVectors() (*Costs, *Properties, error) {
	parts, err := r.Parts()
	if err != nil {
		return nil, nil, err
	}
	if len(parts) < 2 {
		return nil, nil, fmt.Errorf("the answer has %d parts, not costs and properties", len(parts))
	}
	costs, err := decodeCosts(parts[0].Body)
	if err != nil {
		return nil, nil, fmt.Errorf("in the first part: %w", err)
	}
	properties, err := decodeProperties(parts[1].Body)
	if err != nil {
		return nil, nil, fmt.Errorf("in the second part: %w", err)
	}
	return costs, properties, nil
}

func eachPart(media string, body io.Reader, do func(*multipart.Part) error) error {
	_, parameters := parseMedia(media)
	if parameters["boundary"] == "" {
		return fmt.Errorf("the answer has no parts: its media type is %q", media)
	}
	parts := multipart.NewReader(body, parameters["boundary"])
	for n := 0; ; n++ {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		if n == maxParts {
			return fmt.Errorf("the answer has more than %d parts", maxParts)
		}
		if err := do(p); err != nil {
			return err
		}
	}
}

// readParts reads the parts of an answer, each a JSON object of ALTO, and keeps their
// version tags. Those of another part of the same answer are not dependencies.
func (a *Answer) readParts(media string, body io.Reader) error {
	var own []VTag
	err := eachPart(media, body, func(p *multipart.Part) error {
		err := a.read(p)
		own = append(own, a.VTag)
		return err
	})
	var depends []VTag
	for _, d := range a.Depends {
		if misfit := Fits([]VTag{d}, own...); misfit != nil {
			return misfit
		}
		if !contains(own, d.ID) {
			depends = append(depends, d)
		}
	}
	a.VTag, a.Depends = VTag{}, depends
	return err
}

func contains(list []VTag, id string) bool {
	for _, v := range list {
		if v.ID == id {
			return true
		}
	}
	return false
}
