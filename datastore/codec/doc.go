// Package codec carries data trees between package tree and the wire: XML
// (RFC 7950) and JSON (RFC 7951) with metadata annotations (RFC 7952). Decoders
// stream into a tree.Sink and encoders append to one pooled buffer, so that
// neither ever holds a whole message. XMLReader is the strict tokenizer below
// DecodeXML; NETCONF reads its envelopes with it.
//
// The package checks syntax, names and types. What needs the whole tree (missing
// keys, duplicates, must, when, leafref targets) is for the Sink and for package
// validate.
package codec
