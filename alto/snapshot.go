package alto

import (
	"net/http"

	"github.com/altoam/altoam/alto/persistent"
	"github.com/go-json-experiment/json/jsontext"
)

// Defaults of Config where the field is zero.
const (
	DefaultDirectory = "directory"
	DefaultMaxBody   = 4 << 20
	DefaultMaxPairs  = 4 << 20
)

// Config is what a Snapshot is built from.
type Config struct {
	// BaseURI is an http or https URI as clients see it, or a path alone, in which
	// case the IRD's URIs are relative references that resolve on any host; "" is "/".
	BaseURI string
	// Directory is the path of the root IRD below the base URI. The base URI itself
	// answers with the root IRD too, with and without a slash at its end.
	Directory string
	// ServerName is the Server header; "": none.
	ServerName string
	// Realm is that of the WWW-Authenticate header; "" is "alto".
	Realm string
	// Authenticate returns the roles of the client behind a request and whether it
	// proved its identity; nil: every client is anonymous. Called concurrently.
	Authenticate func(*http.Request) (roles []string, authenticated bool)
	// Identify has Authenticate called for each request, not only where the answer depends
	// on who the client is: what it notes, by NoteRate above all, counts everywhere.
	Identify bool
	// Challenges returns the values of WWW-Authenticate, at least one, for a request
	// refused with 401; nil: Basic. Called concurrently, after Authenticate.
	Challenges func(*http.Request) []string
	// DenyByDefault closes resources without Roles to every client, which may use them
	// otherwise.
	DenyByDefault bool
	// MaxBody limits a request body in bytes; a larger one is answered 413.
	MaxBody int64
	// MaxPairs limits the source-destination pairs of a request for endpoint costs or
	// for a filtered cost map; more are answered 413.
	MaxPairs int
	// Limits bound what clients may take.
	Limits Limits
	// Meta are further members of the root IRD's "meta".
	Meta map[string]jsontext.Value
	// CostTypes are those of the IRD's "cost-types", with unique names.
	CostTypes []CostType
	// Resources in any order.
	Resources []*Resource
}

// Snapshot is everything an ALTO server serves at one moment: immutable, linked
// and checked as a whole, safe for concurrent use. Snapshots that follow from each
// other share what is the same in both.
type Snapshot struct {
	config    *Config // without Resources; the same pointer where no change has had Settings
	base      baseURI
	costTypes map[string]CostType
	meta      []byte // members of the root IRD's meta that are the same for everyone
	byID      persistent.Map[string, *served]
	index     index
	listing   *listing
}

// served is a resource within a snapshot.
type served struct {
	*Resource
	*offer
	uses   []string // implied and configured, as the IRD lists them
	folder string   // of the path where that follows from the ID; "": it does not, or is elsewhere
}

// path is relative to the base URI.
func (r *Resource) path() string {
	if r.Path != "" {
		return r.Path
	}
	return r.Service.kind() + "/" + r.ID
}

// NewSnapshot links and checks c. prev, which may be nil, is a snapshot that most
// of c was seen in before: resources with the same content are shared with it,
// encoded bytes and tables included, and those with the same pointer are not looked
// into. The error is that of With. c's slices and maps must not be modified
// afterwards. Where it is known what has changed, With is cheaper.
func NewSnapshot(prev *Snapshot, c Config) (*Snapshot, error) {
	if prev == nil {
		prev = new(Snapshot)
	}
	step := Change{Settings: &c}
	kept := make(map[string]bool, len(c.Resources))
	for _, r := range c.Resources {
		if old := prev.byID.At(r.ID); old == nil || old.Resource != r {
			step.Put = append(step.Put, r)
		} else if kept[r.ID] {
			step.Put = append(step.Put, r, r) // refused
		}
		kept[r.ID] = true
	}
	for id := range prev.byID.All() {
		if !kept[id] {
			step.Remove = append(step.Remove, id)
		}
	}
	return prev.With(step)
}

func (s *Snapshot) setDefaults() {
	c := s.config
	if c.Directory == "" {
		c.Directory = DefaultDirectory
	}
	if c.Realm == "" {
		c.Realm = "alto"
	}
	if c.MaxBody <= 0 {
		c.MaxBody = DefaultMaxBody
	}
	if c.MaxPairs <= 0 {
		c.MaxPairs = DefaultMaxPairs
	}
}

// RootURI returns the URI of the root IRD: absolute, or an absolute path where the
// base URI has no host.
func (s *Snapshot) RootURI() string { return s.base.uri(s.config.Directory) }

// URI returns the URI of a resource, as the IRD lists it.
func (s *Snapshot) URI(resourceID string) (uri string, ok bool) {
	n := s.byID.At(resourceID)
	if n == nil {
		return "", false
	}
	return s.uriOf(n), true
}

func (s *Snapshot) uriOf(n *served) string {
	if n.uri != "" {
		return n.uri
	}
	return s.base.uri(n.path())
}

// VTag returns the version tag of a full network, cost or property map, or CDNI
// advertisement.
func (s *Snapshot) VTag(resourceID string) (VTag, bool) {
	n := s.byID.At(resourceID)
	if n == nil {
		return VTag{}, false
	}
	return n.vtag()
}

// vtag is defined for the resources that other resources' "dependent-vtags" name.
func (r *Resource) vtag() (VTag, bool) {
	switch service := r.Service.(type) {
	case FullNetworkMap:
		if service.Map != nil {
			return VTag{r.ID, service.Map.Tag()}, true
		}
	case FullPropertyMap:
		if service.Map != nil {
			return VTag{r.ID, service.Map.Tag()}, true
		}
	case FilteredPropertyMap:
		if service.Map != nil {
			return VTag{r.ID, service.Map.Tag()}, true
		}
	case FullCDNIAdvertisement:
		if service.Advertisement != nil {
			return VTag{r.ID, service.Advertisement.Tag()}, true
		}
	case FullCostMap:
		if service.Costs != nil {
			return VTag{r.ID, service.Costs.Tag()}, true
		}
	}
	return VTag{}, false
}
