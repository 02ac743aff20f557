// Package digest is the server's side of HTTP Digest access authentication (RFC 7616),
// which RFC 7285 Section 8.3.5 asks ALTO servers for. There are three types. A [Secret]
// is what is kept of a password. [Credentials] are what a client sends. A [Server] issues
// nonces and verifies credentials. Only qop "auth" is offered, with SHA-256 and
// SHA-512-256; MD5, session variants, auth-int and hashed names of users are not.
package digest
