package agent

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/altoam/altoam/certs"
	"github.com/altoam/altoam/datastore"
	"github.com/altoam/altoam/datastore/rpcerr"
	"github.com/altoam/altoam/datastore/tree"
	"github.com/altoam/altoam/discovery"
	"github.com/altoam/altoam/secrets"
	"github.com/altoam/altoam/yang"
	"github.com/miekg/dns"
)

// discoverable is how the ALTO server is to be found, and what is to be found for ALTO
// clients. It is immutable.
type discoverable struct {
	static  []netip.Prefix
	sources []string // whose prefixes count too
	target  discovery.Target
	zones   []zoneSettings // with different names
	clients map[string]*clientSettings
}

// zoneSettings are a zone without records, and its name in the configuration.
type zoneSettings struct {
	discovery.Zone
	key string
}

// clientSettings are those of an alto-client.
type clientSettings struct {
	discovery.Search          // with static prefixes
	sources          []string // whose prefixes count too
}

// own is the place of a node of module altoam-discovery.
func own(p certs.Place, name string) certs.Place { return p.Below("altoam-discovery:" + name) }

// textAt is the value of a leaf, its default where it is not set, "" where it has neither.
func textAt(p certs.Place) string {
	if p.Node != nil {
		return p.Node.Value().String()
	}
	if s := p.Path.Schema(); s != nil && s.Kind == yang.Leaf {
		for _, d := range tree.DefaultLeaf(s) {
			return d.Value().String()
		}
	}
	return ""
}

// numberAt is that of a leaf with a number; 0 where textAt is "".
func numberAt(p certs.Place) uint64 {
	n, _ := strconv.ParseUint(textAt(p), 10, 64)
	return n
}

func secondsAt(p certs.Place) time.Duration { return time.Duration(numberAt(p)) * time.Second }

// readDiscovery reads the containers server-discovery. What is refused is left out.
func readDiscovery(root certs.Place, s *secrets.Sealer, home homeFolder) (d *discoverable, refused refusals) {
	d = &discoverable{clients: make(map[string]*clientSettings)}
	alto := root.Below("ietf-alto:alto")
	records := alto.Below("alto-server", "server-discovery", "rdns-naptr-records")
	for _, p := range records.Entries("static-prefix") {
		x, err := netip.ParsePrefix(p.Key())
		if err == nil {
			_, err = discovery.Split(x)
		}
		if err != nil {
			refused = append(refused, p.Refuse(rpcerr.InvalidValue, "prefix %s cannot have records: %s", p.Key(), err))
			continue
		}
		d.static = append(d.static, x.Masked())
	}
	d.sources = keysOf(records.Entries("dynamic-prefix-source"))
	d.target = discovery.Target{
		URI: textAt(own(records, "ird-uri")), Order: uint16(numberAt(own(records, "order"))),
		Preference: uint16(numberAt(own(records, "preference"))), TTL: uint32(numberAt(own(records, "ttl"))),
	}
	refused = append(refused, d.readZones(records, s, home)...)
	for _, c := range alto.Entries("alto-client") {
		params := c.Below("server-discovery", "rdns-params")
		if !params.Exists() {
			continue
		}
		settings, r := readClient(params)
		d.clients[c.Key()], refused = settings, append(refused, r...)
	}
	return d, refused
}

// configureDiscovery reads what a change is about discovery into a world in the making;
// after a restart nothing is refused.
func (w *world) configureDiscovery(of datastore.Change, c *change, s *secrets.Sealer, home homeFolder) (refused refusals) {
	root := certs.Root(of.New)
	if c.discovery {
		w.discovery, refused = readDiscovery(root, s, home)
	}
	if c.discovery || c.listen {
		refused = append(refused, w.discovery.checkTarget(root.Below("ietf-alto:alto", "alto-server"), w.listening)...)
	}
	if of.Resumed {
		return nil
	}
	return refused
}

func keysOf(entries []certs.Place) (list []string) {
	for _, e := range entries {
		list = append(list, e.Key())
	}
	return list
}

func (d *discoverable) readZones(records certs.Place, s *secrets.Sealer, home homeFolder) (refused refusals) {
	names := make(map[string]string)
	for _, p := range records.Entries("altoam-discovery:zone") {
		z := zoneSettings{key: p.Key()}
		z.Name, z.File = dns.CanonicalName(z.key), textAt(p.Below("zone-file"))
		if err := discovery.CheckZone(z.key); err != nil {
			refused = append(refused, p.Below("name").Refuse(rpcerr.InvalidValue, "zone %q cannot have records: %s", z.key, err))
			continue
		}
		if other, taken := names[z.Name]; taken {
			refused = append(refused, p.Below("name").Refuse(rpcerr.InvalidValue, "zone %q is %q already", z.key, other))
			continue
		}
		names[z.Name] = z.key
		if err := checkFile(z.File, home); err != "" {
			refused = append(refused, p.Below("zone-file").Refuse(rpcerr.InvalidValue, "%s", err))
		}
		if update := p.Below("update"); update.Exists() {
			key, err := keyAt(records.Entry("altoam-discovery:tsig-key", textAt(update.Below("tsig-key"))), s)
			if err != nil {
				refused = append(refused, rpcerr.All(err)...)
			}
			z.Refresh = secondsAt(update.Below("refresh-interval"))
			z.Server = &discovery.Server{
				Address: net.JoinHostPort(textAt(update.Below("server")), textAt(update.Below("port"))),
				Timeout: secondsAt(update.Below("timeout")), Key: key,
			}
		}
		d.zones = append(d.zones, z)
	}
	return refused
}

// minTSIG is the least length of a TSIG key in octets.
const minTSIG = 16

// keyAt reads an entry of the list tsig-key, the zero Key where there is none.
func keyAt(p certs.Place, s *secrets.Sealer) (k discovery.Key, err error) {
	if !p.Exists() {
		return k, nil
	}
	secret, err := s.Secret(p.Node, p.Path, "symmetric-key")
	if err == nil && len(secret) < minTSIG {
		err = p.Refuse(rpcerr.InvalidValue, "the key has %d octets, expected %d at least", len(secret), minTSIG)
	}
	return discovery.Key{Name: textAt(p.Below("name")), Algorithm: textAt(p.Below("algorithm")), Secret: string(secret)}, err
}

// checkFile tells why a file cannot be written, "" for none.
func checkFile(file string, home homeFolder) string {
	if file == "" {
		return ""
	}
	if !filepath.IsAbs(file) {
		return strconv.Quote(file) + " is not an absolute path"
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil {
		return "the folder of the zone file cannot be used: " + err.Error()
	} else if !info.IsDir() {
		return filepath.Dir(file) + " is not a folder"
	}
	if info, err := os.Lstat(file); err == nil && !info.Mode().IsRegular() {
		return file + " is not a regular file"
	}
	if home.holds(file) {
		return file + " is in the data folder, where only files of altoamd are"
	}
	if err := discovery.CheckFile(file); err != nil {
		return err.Error()
	}
	return ""
}

func readClient(params certs.Place) (c *clientSettings, refused refusals) {
	c = &clientSettings{sources: keysOf(params.Entries("altoam-discovery:prefix-source"))}
	c.Service, c.Interval = textAt(own(params, "service")), secondsAt(own(params, "refresh-interval"))
	for _, host := range keysOf(params.Entries("dns-server")) {
		c.Resolver.Servers = append(c.Resolver.Servers, net.JoinHostPort(host, textAt(own(params, "port"))))
	}
	for _, p := range params.Entries("altoam-discovery:prefix") {
		x, err := netip.ParsePrefix(p.Key())
		if err == nil {
			_, err = discovery.Names(x)
		}
		if err != nil {
			refused = append(refused, p.Refuse(rpcerr.InvalidValue, "%s cannot be looked up: %s", p.Key(), err))
			continue
		}
		c.Prefixes = append(c.Prefixes, x.Masked())
	}
	return c, refused
}

// checkTarget refuses records that lead nowhere: the URI of the root IRD has no host and
// no other is configured.
func (d *discoverable) checkTarget(server certs.Place, l *listening) (refused refusals) {
	records := server.Below("server-discovery", "rdns-naptr-records")
	if d == nil || len(d.static)+len(d.sources) == 0 {
		return nil
	}
	at, uri := own(records, "ird-uri"), d.target.URI
	if uri == "" {
		at = records
		base, err := url.Parse(l.baseURI)
		if err != nil || base.Host == "" {
			return refusals{at.Refuse(rpcerr.InvalidValue, "the records would lead nowhere: expected an ird-uri, or a base-uri with a host")}
		}
		uri = l.baseURI
	}
	if err := discovery.CheckURI(uri); err != nil {
		return refusals{at.Refuse(rpcerr.InvalidValue, "the records cannot lead there: %s", err)}
	}
	return nil
}
