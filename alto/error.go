package alto

import "fmt"

// Field names what is wrong in a Config or Resource.
type Field string

// The fields a ConfigError may name: first those of Config, then those of
// Resource, then those of the services.
const (
	FieldBaseURI   Field = "base-uri"
	FieldMeta      Field = "meta"
	FieldCostTypes Field = "cost-types"

	FieldID        Field = "id"
	FieldPath      Field = "path"
	FieldRoles     Field = "roles"
	FieldUses      Field = "uses"
	FieldDirectory Field = "directory"
	FieldService   Field = "service"

	FieldMap          Field = "map"
	FieldDefault      Field = "default"
	FieldNetworkMap   Field = "network-map"
	FieldCostType     Field = "cost-type"
	FieldCosts        Field = "costs"
	FieldConstraints  Field = "constraints"
	FieldTestable     Field = "testable"
	FieldCalendars    Field = "calendars"
	FieldProperties   Field = "properties"
	FieldMappings     Field = "mappings"
	FieldDelegatedURI Field = "uri"

	FieldAdvertisement Field = "advertisement"
	FieldCovers        Field = "covers"
	FieldLimits        Field = "limits"
)

// ConfigError tells why NewSnapshot refuses a Config. Resource is the ID of the
// resource at fault, "" where the fault is in the Config itself; Value is the key
// or value within Field that is wrong, "" for the field as a whole.
type ConfigError struct {
	Resource string
	Field    Field
	Value    string
	Reason   string
	Err      error // the cause, may be nil
}

func (e *ConfigError) Error() string {
	where := string(e.Field)
	if e.Resource != "" {
		where = fmt.Sprintf("resource %q: %s", e.Resource, e.Field)
	}
	return where + ": " + e.Reason
}

func (e *ConfigError) Unwrap() error { return e.Err }

func configError(resource string, field Field, value, format string, args ...any) *ConfigError {
	return &ConfigError{Resource: resource, Field: field, Value: value, Reason: fmt.Sprintf(format, args...)}
}
