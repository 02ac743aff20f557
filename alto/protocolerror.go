package alto

// Codes of RFC 7285 Section 8.5.2.
const (
	errSyntax            = "E_SYNTAX"
	errMissingField      = "E_MISSING_FIELD"
	errInvalidFieldType  = "E_INVALID_FIELD_TYPE"
	errInvalidFieldValue = "E_INVALID_FIELD_VALUE"
)

// protocolError is an ALTO error resource: why the parameters of a request are
// refused. status is the HTTP status, 400 for all with a code; one without a code
// has no body.
type protocolError struct {
	status int
	code   string
	field  string // full path, segments separated by '/'; "": none
	value  string
	named  bool // value is present
	syntax string
	limit  Limit // that was exceeded
}

func missingField(field string) *protocolError {
	return &protocolError{status: 400, code: errMissingField, field: field}
}

func invalidType(field string) *protocolError {
	return &protocolError{status: 400, code: errInvalidFieldType, field: field}
}

func invalidValue(field, value string) *protocolError {
	return &protocolError{status: 400, code: errInvalidFieldValue, field: field, value: value, named: true}
}

// encoded returns the error resource of RFC 7285 Section 8.5.2.
func (e *protocolError) encoded() []byte {
	b := append([]byte(`{"meta":{"code":`), '"')
	b = append(append(b, e.code...), '"')
	if e.syntax != "" {
		b = appendString(append(b, `,"syntax-error":`...), e.syntax)
	}
	if e.field != "" {
		b = appendString(append(b, `,"field":`...), e.field)
	}
	if e.named {
		b = appendString(append(b, `,"value":`...), e.value)
	}
	return append(b, '}', '}')
}
