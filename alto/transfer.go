package alto

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"time"

	"github.com/altoam/altoam/alto/persistent"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MarshalText implements encoding.TextMarshaler.
func (d Digest) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, d[:]), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Digest) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(d) {
		return fmt.Errorf("a digest has %d hexadecimal digits, not %d", hex.EncodedLen(len(d)), len(text))
	}
	_, err := hex.Decode(d[:], text)
	return err
}

// Data is one piece of data behind a resource: a *NetworkMap, *CostMatrix, *PathMatrix,
// *PropertyMap or *CDNIAdvertisement.
type Data interface{ data }

// services are the types of Service by the names that they are transferred under.
var services = map[string]reflect.Type{
	"network-map":           reflect.TypeFor[FullNetworkMap](),
	"filtered-network-map":  reflect.TypeFor[FilteredNetworkMap](),
	"cost-map":              reflect.TypeFor[FullCostMap](),
	"filtered-cost-map":     reflect.TypeFor[FilteredCostMap](),
	"endpoint-properties":   reflect.TypeFor[EndpointProperties](),
	"endpoint-costs":        reflect.TypeFor[EndpointCosts](),
	"property-map":          reflect.TypeFor[FullPropertyMap](),
	"filtered-property-map": reflect.TypeFor[FilteredPropertyMap](),
	"cdni":                  reflect.TypeFor[FullCDNIAdvertisement](),
	"filtered-cdni":         reflect.TypeFor[FilteredCDNIAdvertisement](),
	"update-streams":        reflect.TypeFor[UpdateStreams](),
	"path-vector-map":       reflect.TypeFor[PathVectorCostMap](),
	"path-vector-endpoints": reflect.TypeFor[PathVectorEndpointCosts](),
	"tips":                  reflect.TypeFor[TIPS](),
	"directory":             reflect.TypeFor[Directory](),
	"delegation":            reflect.TypeFor[Delegation](),
}

// resourceForm is a Resource in the form that it is transferred in.
type resourceForm struct {
	ID        string         `json:"id"`
	Path      string         `json:"path,omitempty"`
	Account   string         `json:"account,omitempty"`
	Roles     []string       `json:"roles,omitempty"`
	Uses      []string       `json:"uses,omitempty"`
	Directory string         `json:"directory,omitempty"`
	Via       string         `json:"via,omitempty"`
	Kind      string         `json:"kind"`
	Service   jsontext.Value `json:"service"`
}

// EncodeResource returns the form of r, a JSON object that names the data behind r by
// digest; digestOf is called for each piece. The form of the same content is the same in
// every process of one version of this package.
func EncodeResource(r *Resource, digestOf func(Data) Digest) (jsontext.Value, error) {
	f := resourceForm{ID: r.ID, Path: r.Path, Account: r.Account, Roles: r.Roles, Uses: r.Uses, Directory: r.Directory, Via: r.Via}
	for name, t := range services {
		if t == reflect.TypeOf(r.Service) {
			f.Kind = name
		}
	}
	if f.Kind == "" {
		return nil, fmt.Errorf("resource %q: a service of type %T cannot be transferred", r.ID, r.Service)
	}
	var err error
	if f.Service, err = json.Marshal(r.Service, formOptions, json.WithMarshalers(json.JoinMarshalers(
		marshalAs(digestOf, (*NetworkMap)(nil)), marshalAs(digestOf, (*CostMatrix)(nil)),
		marshalAs(digestOf, (*PropertyMap)(nil)), marshalAs(digestOf, (*CDNIAdvertisement)(nil)), marshalAs(digestOf, (*PathMatrix)(nil)),
		json.MarshalToFunc(func(e *jsontext.Encoder, d time.Duration) error { return e.WriteToken(jsontext.Int(int64(d))) }),
	))); err != nil {
		return nil, fmt.Errorf("resource %q: %w", r.ID, err)
	}
	return json.Marshal(f, formOptions)
}

// formOptions keep nil slices and maps apart from empty ones.
var formOptions = json.JoinOptions(json.Deterministic(true), json.FormatNilSliceAsNull(true), json.FormatNilMapAsNull(true))

// marshalAs writes a piece of data, which may be nil, as its digest.
func marshalAs[T interface {
	comparable
	Data
}](digestOf func(Data) Digest, none T) *json.Marshalers {
	return json.MarshalToFunc(func(e *jsontext.Encoder, d T) error {
		if d == none {
			return e.WriteToken(jsontext.Null)
		}
		return e.WriteToken(jsontext.String(digestOf(d).String()))
	})
}

// DecodeResource reads what EncodeResource made. data returns the piece with a digest,
// nil where there is none of it, which is an error. Whether the resource fits into a
// Snapshot is not judged here.
func DecodeResource(form jsontext.Value, data func(Digest) Data) (*Resource, error) {
	var f resourceForm
	if err := json.Unmarshal(form, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, err
	}
	t, ok := services[f.Kind]
	if !ok {
		return nil, fmt.Errorf("resource %q: there is no service %q", f.ID, f.Kind)
	}
	service := reflect.New(t)
	if err := json.Unmarshal(f.Service, service.Interface(), json.RejectUnknownMembers(true), json.WithUnmarshalers(json.JoinUnmarshalers(
		unmarshalAs[*NetworkMap](data), unmarshalAs[*CostMatrix](data), unmarshalAs[*PropertyMap](data), unmarshalAs[*CDNIAdvertisement](data), unmarshalAs[*PathMatrix](data),
		json.UnmarshalFromFunc(func(d *jsontext.Decoder, to *time.Duration) error {
			t, err := d.ReadToken()
			if err != nil {
				return err
			}
			n, err := t.Int()
			*to = time.Duration(n)
			return err
		}),
	))); err != nil {
		return nil, fmt.Errorf("resource %q: %w", f.ID, err)
	}
	return &Resource{
		ID: f.ID, Path: f.Path, Account: f.Account, Roles: f.Roles, Uses: f.Uses, Directory: f.Directory, Via: f.Via,
		Service: service.Elem().Interface().(Service),
	}, nil
}

func unmarshalAs[T Data](data func(Digest) Data) *json.Unmarshalers {
	return json.UnmarshalFromFunc(func(d *jsontext.Decoder, to *T) error {
		t, err := d.ReadToken()
		switch {
		case err != nil:
			return err
		case t.Kind() == 'n':
			return nil
		case t.Kind() != '"':
			return fmt.Errorf("a digest is a string, not %s", t)
		}
		var digest Digest
		if err := digest.UnmarshalText([]byte(t.String())); err != nil {
			return err
		}
		x, ok := data(digest).(T)
		if !ok {
			return fmt.Errorf("no data of the right kind has digest %s", digest)
		}
		*to = x
		return nil
	})
}

// Settings are what a Config has besides resources and what is no data, in the form that
// they are transferred in.
type Settings struct {
	BaseURI       string                    `json:"base-uri"`
	Directory     string                    `json:"directory"`
	ServerName    string                    `json:"server-name"`
	Realm         string                    `json:"realm"`
	MaxBody       int64                     `json:"max-body"`
	MaxPairs      int                       `json:"max-pairs"`
	Limits        Limits                    `json:"limits"`
	DenyByDefault bool                      `json:"deny-by-default"`
	Identify      bool                      `json:"identify"`
	Meta          map[string]jsontext.Value `json:"meta"`
	CostTypes     []CostType                `json:"cost-types"`
}

// Settings returns the settings of s; its maps and slices must not be modified.
func (s *Snapshot) Settings() Settings { return s.config.transferred() }

func (c *Config) transferred() Settings {
	return Settings{
		BaseURI: c.BaseURI, Directory: c.Directory, ServerName: c.ServerName, Realm: c.Realm, MaxBody: c.MaxBody, MaxPairs: c.MaxPairs,
		Limits: c.Limits, DenyByDefault: c.DenyByDefault, Identify: c.Identify, Meta: c.Meta, CostTypes: c.CostTypes,
	}
}

// SameSettings tells whether no change between two snapshots, of which one followed from
// the other, had Settings.
func (s *Snapshot) SameSettings(o *Snapshot) bool { return s.config == o.config }

// Apply puts the settings into c.
func (x Settings) Apply(c *Config) {
	c.BaseURI, c.Directory, c.ServerName, c.Realm = x.BaseURI, x.Directory, x.ServerName, x.Realm
	c.MaxBody, c.MaxPairs, c.Limits, c.DenyByDefault = x.MaxBody, x.MaxPairs, x.Limits, x.DenyByDefault
	c.Identify = x.Identify
	c.Meta, c.CostTypes = x.Meta, x.CostTypes
}

// EachDifference calls f for each resource that was put in one snapshot and not in the
// other, nil where it is missing, in no particular order. Where b followed from a, cost
// is that of the differences.
func EachDifference(a, b *Snapshot, f func(id string, inA, inB *Resource)) {
	persistent.Diff(a.byID, b.byID, func(id string, x, y *served) {
		switch {
		case x == nil:
			f(id, nil, y.Resource)
		case y == nil:
			f(id, x.Resource, nil)
		case x.Resource != y.Resource:
			f(id, x.Resource, y.Resource)
		}
	})
}

// Resource returns the resource of an ID as it was put, nil where there is none.
func (s *Snapshot) Resource(id string) *Resource {
	if n := s.byID.At(id); n != nil {
		return n.Resource
	}
	return nil
}

// NumResources returns the number of resources.
func (s *Snapshot) NumResources() int { return s.byID.Len() }
