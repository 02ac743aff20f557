package alto

import (
	"net/http"
	"slices"
	"strings"
	"sync"

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
	// MaxBody limits a request body in bytes; a larger one is answered 413.
	MaxBody int64
	// MaxPairs limits the source-destination pairs of one endpoint cost request.
	MaxPairs int
	// Meta are further members of the root IRD's "meta".
	Meta map[string]jsontext.Value
	// CostTypes are those of the IRD's "cost-types", with unique names.
	CostTypes []CostType
	// Resources in any order.
	Resources []*Resource
}

// Snapshot is everything an ALTO server serves at one moment: immutable, linked
// and checked as a whole, safe for concurrent use.
type Snapshot struct {
	config    Config
	base      baseURI
	costTypes map[string]CostType
	served    []*served // by ID
	byID      map[string]*served
	byPath    map[string]*served // below the base
	accounts  map[string][]*served
	meta      []byte // members of the IRD's meta that are the same for everyone
	hasRoles  bool   // some resource is not for everyone
	roles     map[string]bool

	directoryMu    sync.Mutex
	directories    map[string]*directory // by directory ID and visible roles
	directoryBytes int
}

// served is a resource within a snapshot.
type served struct {
	*Resource
	*offer
	path  string
	uses  []string // implied and configured, as the IRD lists them
	entry []byte   // member of the IRD's "resources"
}

// NewSnapshot links and checks c. prev, which may be nil, is a snapshot that most
// of c was seen in before: resources with the same content are shared with it,
// encoded bytes and tables included, and those with the same pointer are not even
// looked at. The error is a *ConfigError naming the first fault by resource ID.
// c's slices and maps must not be modified afterwards. Nothing is encoded here
// that grows with the data.
func NewSnapshot(prev *Snapshot, c Config) (*Snapshot, error) {
	s := &Snapshot{
		config: c, byID: make(map[string]*served, len(c.Resources)),
		byPath:      make(map[string]*served, len(c.Resources)),
		accounts:    make(map[string][]*served, len(c.Resources)),
		roles:       make(map[string]bool),
		directories: make(map[string]*directory),
	}
	s.setDefaults()
	var err error
	if s.base, err = parseBaseURI(c.BaseURI); err != nil {
		return nil, err
	}
	if !validPath(s.config.Directory) {
		return nil, configError("", FieldDirectory, s.config.Directory, "%q is not a path below the base URI", s.config.Directory)
	}
	if err := s.checkCostTypes(); err != nil {
		return nil, err
	}
	if err := s.checkMeta(); err != nil {
		return nil, err
	}
	if err := s.link(prev); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Snapshot) setDefaults() {
	c := &s.config
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

// link fills served in the order of resource IDs.
func (s *Snapshot) link(prev *Snapshot) error {
	resources, byID := s.config.Resources, func(a, b *Resource) int { return strings.Compare(a.ID, b.ID) }
	if !slices.IsSortedFunc(resources, byID) {
		resources = slices.Clone(resources)
		slices.SortStableFunc(resources, byID)
	}
	l := &linker{snapshot: s, resources: make(map[string]*Resource, len(resources))}
	for _, r := range resources {
		if err := CheckResourceID(r.ID); err != nil {
			return &ConfigError{Resource: r.ID, Field: FieldID, Value: r.ID, Reason: err.Error(), Err: err}
		}
		if l.resources[r.ID] != nil {
			return configError(r.ID, FieldID, r.ID, "resource ID is used twice")
		}
		if r.Service == nil {
			return configError(r.ID, FieldService, "", "resource has no service")
		}
		l.resources[r.ID] = r
	}
	sameTypes := prev != nil && sameCostTypes(prev.config.CostTypes, s.config.CostTypes)
	for _, r := range resources {
		n, err := l.serve(r, prev, sameTypes)
		if err != nil {
			return err
		}
		s.served = append(s.served, n)
		s.byID[r.ID] = n
		s.accounts[r.account()] = append(s.accounts[r.account()], n)
		for _, role := range r.Roles {
			s.roles[role] = true
			s.hasRoles = true
		}
	}
	return nil
}

func sameCostTypes(a, b []CostType) bool {
	return slices.EqualFunc(a, b, func(x, y CostType) bool {
		return x.Name == y.Name && x.Mode == y.Mode && x.Metric == y.Metric &&
			x.Description == y.Description && string(x.Context) == string(y.Context)
	})
}

// RootURI returns the URI of the root IRD: absolute, or an absolute path where the
// base URI has no host.
func (s *Snapshot) RootURI() string { return s.base.uri(s.config.Directory) }

// URI returns the URI of a resource, as the IRD lists it.
func (s *Snapshot) URI(resourceID string) (uri string, ok bool) {
	n := s.byID[resourceID]
	if n == nil {
		return "", false
	}
	return s.uriOf(n), true
}

func (s *Snapshot) uriOf(n *served) string {
	if n.uri != "" {
		return n.uri
	}
	return s.base.uri(n.path)
}

// VTag returns the version tag of a full network, cost or property map, or CDNI
// advertisement.
func (s *Snapshot) VTag(resourceID string) (VTag, bool) {
	n := s.byID[resourceID]
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
