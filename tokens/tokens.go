// Package tokens tells whom a bearer token stands for: a JSON Web Token (RFC 7519)
// signed by an issuer in the configuration, of restconf-tokens of altoam-restconf or
// wherever else the grouping token-issuers is used. It issues none, asks no server for
// keys, and knows neither symmetric keys nor encryption.
package tokens

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// The codes of RFC 6750 Section 3.1.
const (
	invalidToken      = "invalid_token"
	insufficientScope = "insufficient_scope"
)

// What a token may be, in bytes.
const (
	longestToken = 16 << 10
	longestUser  = 255
)

// Verifier verifies tokens. It is a datastore.Participant, follows running, and is safe
// for concurrent use.
type Verifier struct {
	log     *slog.Logger
	now     func() time.Time
	parser  *jwt.Parser
	issuers atomic.Pointer[map[string]*issuer] // by the claim iss
	memory  memory
}

// New makes a Verifier that knows no issuer yet.
func New(log *slog.Logger) *Verifier {
	v := &Verifier{
		log: log, now: time.Now,
		parser: jwt.NewParser(jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation()), // each issuer has claims of its own
	}
	v.issuers.Store(&map[string]*issuer{})
	return v
}

// On tells whether there is an issuer.
func (v *Verifier) On() bool { return len(*v.issuers.Load()) > 0 }

// Grant is what a token gives.
type Grant struct {
	User   string
	Issuer string    // the name of the entry
	Roles  []string  // that the claim role-claim names; not to be modified
	Groups []string  // that the claim groups-claim names, likewise
	Until  time.Time // when the token has expired
}

// Verify tells whom a token stands for. The error is an *Error. A token that comes again
// costs about a microsecond, a new one the verification of a signature, about a hundred.
func (v *Verifier) Verify(token string) (Grant, error) {
	issuers := v.issuers.Load()
	if g, ok := v.memory.recall(token, issuers, v.now()); ok {
		return g, nil
	}
	g, err := v.verify(token, *issuers)
	var e *Error
	switch {
	case err == nil:
		g.issuers = issuers
		v.memory.remember(token, g)
	case errors.As(err, &e):
	case errors.Is(err, jwt.ErrTokenExpired):
		err = &Error{Code: invalidToken, Description: "the token has expired", Err: err}
	default:
		err = &Error{Code: invalidToken, Description: "the token is not valid", Err: err}
	}
	return g.Grant, err
}

func (v *Verifier) verify(text string, issuers map[string]*issuer) (found verified, err error) {
	if len(text) > longestToken {
		return found, fmt.Errorf("it has %d bytes, more than %d", len(text), longestToken)
	}
	claims := jwt.MapClaims{}
	by, version := (*issuer)(nil), 0
	_, err = v.parser.ParseWithClaims(text, claims, func(t *jwt.Token) (any, error) {
		iss, err := claims.GetIssuer()
		if err != nil {
			return nil, err
		}
		if by = issuers[iss]; by == nil {
			return nil, fmt.Errorf("the issuer %q is not configured", clip(iss))
		}
		var set jwt.VerificationKeySet
		set, version, err = by.keysFor(t)
		return set, err
	})
	if err != nil {
		return found, err
	}
	if err := by.validator.Validate(claims); err != nil {
		return found, fmt.Errorf("of the issuer %q: %w", by.name, err)
	}
	if err := by.inScope(claims); err != nil {
		return found, err
	}
	until, err := claims.GetExpirationTime()
	if err != nil {
		return found, err
	}
	user, err := by.user(claims)
	if err != nil {
		return found, err
	}
	roles, err := by.names(claims, by.roleClaim)
	if err != nil {
		return found, err
	}
	groups, err := by.names(claims, by.groupsClaim)
	if err != nil {
		return found, err
	}
	g := Grant{User: user, Issuer: by.name, Roles: roles, Groups: groups, Until: until.Add(by.leeway)}
	return verified{Grant: g, by: by, version: version}, nil
}

// user is the user that the claims name.
func (i *issuer) user(claims jwt.MapClaims) (string, error) {
	name, ok := claims[i.userClaim].(string)
	switch {
	case !ok || name == "":
		return "", fmt.Errorf("of the issuer %q: no user in the claim %s", i.name, i.userClaim)
	case len(name) > longestUser || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "", fmt.Errorf("of the issuer %q: the claim %s is no name of a user", i.name, i.userClaim)
	}
	return name, nil
}

// inScope looks for the scope that is required (RFC 8693 Section 4.2).
func (i *issuer) inScope(claims jwt.MapClaims) error {
	if i.scope == "" {
		return nil
	}
	text, _ := claims["scope"].(string)
	for s := range strings.SplitSeq(text, " ") {
		if s == i.scope {
			return nil
		}
	}
	return &Error{Code: insufficientScope, Description: "the token lacks a scope", Scope: i.scope}
}

// Error refuses a token.
type Error struct {
	Code        string // of RFC 6750 Section 3.1
	Description string // for the client
	Scope       string // that was required, for insufficient_scope
	Err         error  // for the log: it has no part of the token that would help to use it
}

// Error implements error.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Description
	}
	return e.Description + ": " + e.Err.Error()
}

// Unwrap returns why.
func (e *Error) Unwrap() error { return e.Err }

// Genuine tells whether an issuer has made the token, which has expired since or lacks a
// scope: its client does not guess.
func (e *Error) Genuine() bool {
	return e.Code == insufficientScope || errors.Is(e.Err, jwt.ErrTokenExpired)
}

// Status is the status code for the error (RFC 6750 Section 3.1).
func (e *Error) Status() int {
	if e.Code == insufficientScope {
		return http.StatusForbidden
	}
	return http.StatusUnauthorized
}

// Challenge is the value of WWW-Authenticate for the error; nil is for a request without
// a token (RFC 6750 Section 3).
func (e *Error) Challenge(realm string) string {
	text := fmt.Sprintf("Bearer realm=%q", realm)
	if e == nil {
		return text
	}
	text += fmt.Sprintf(", error=%q, error_description=%q", e.Code, e.Description)
	if e.Scope != "" {
		text += fmt.Sprintf(", scope=%q", e.Scope)
	}
	return text
}

// Of is the bearer token of a request (RFC 6750 Section 2.1).
func Of(h http.Header) (token string, ok bool) {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// clip shortens what a stranger has sent, for the log.
func clip(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
