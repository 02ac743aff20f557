// Package client asks an ALTO server what ALTO clients ask (RFC 7285). There are few
// types. A [Client] fetches a [Directory] and its resources; a [Walk] fetches all of
// them once and tells for each whether the answer is one of its kind and whether the
// version tags of what depends on each other fit together.
//
// It reads of an answer what such checks need, not its data, and knows no update streams.
package client
