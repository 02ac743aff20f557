package discovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// IRD is where the IRD of an ALTO server is said to be. Of several those of the lowest
// order are to be used first, and among these those of the lowest preference.
type IRD struct {
	URI               string
	Order, Preference uint16
}

// Found is the outcome of a look-up.
type Found struct {
	Name      string // that has the records; "" where none was found
	IRDs      []IRD  // by order and preference
	Err       error  // of single queries, nil where all were answered; the rest is good all the same
	Temporary bool   // some failed that may not fail later
}

// Resolver asks DNS servers, one after the other until one answers.
type Resolver struct {
	Servers []string      // HOST:PORT; those of the system where there are none
	Timeout time.Duration // for an answer of one server; two seconds by default
}

// systemResolvers names the file that lists the system's DNS servers.
const systemResolvers = "/etc/resolv.conf"

// Discover is XDOMDISC of RFC 8686 Section 3: it finds the ALTO servers of x, with the
// U-NAPTR service parameter service. The error tells that x cannot be looked up, or that
// there is nobody to ask. Cost is six queries to each server at most.
func (r Resolver) Discover(ctx context.Context, x netip.Prefix, service string) (Found, error) {
	names, err := Names(x)
	if err != nil {
		return Found{}, err
	}
	if len(r.Servers) == 0 {
		c, err := dns.ClientConfigFromFile(systemResolvers)
		if err != nil {
			return Found{}, fmt.Errorf("the DNS servers of the system are not known: %w", err)
		}
		for _, s := range c.Servers {
			r.Servers = append(r.Servers, net.JoinHostPort(s, c.Port))
		}
	}
	var f Found
	var failures []error
	for _, name := range names {
		answer, err := r.query(ctx, name)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", name, err))
			f.Temporary = true
			continue
		}
		list, err := irds(answer, name, service)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", name, err))
		}
		if len(list) > 0 {
			f.Name, f.IRDs = name, list
			break
		}
	}
	f.Err = errors.Join(failures...)
	return f, ctx.Err()
}

// query returns the answer for the NAPTR records of a name: that there are none, too.
func (r Resolver) query(ctx context.Context, name string) (*dns.Msg, error) {
	var failures []error
	for _, server := range r.Servers {
		answer, err := r.ask(ctx, server, name)
		switch {
		case err != nil:
			failures = append(failures, fmt.Errorf("%s: %w", server, err))
		case answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError:
			failures = append(failures, fmt.Errorf("%s answers %s", server, cmp.Or(dns.RcodeToString[answer.Rcode], fmt.Sprint(answer.Rcode))))
		default:
			return answer, nil
		}
	}
	return nil, errors.Join(failures...)
}

// udpSize is what answers by UDP may have, so that none is fragmented.
const udpSize = 1232

func (r Resolver) ask(ctx context.Context, server, name string) (*dns.Msg, error) {
	m := new(dns.Msg).SetQuestion(name, dns.TypeNAPTR)
	m.SetEdns0(udpSize, false)
	timeout := cmp.Or(r.Timeout, 2*time.Second)
	var answer *dns.Msg
	for _, network := range []string{"udp", "tcp"} {
		c := dns.Client{Net: network, Timeout: timeout, UDPSize: udpSize}
		ctx, cancel := context.WithTimeout(ctx, timeout)
		var err error
		answer, err = exchange(ctx, &c, m, server)
		cancel()
		if err != nil {
			return nil, err
		}
		if !answer.Truncated {
			break
		}
	}
	return answer, nil
}

// irds returns what the records of an answer for that name lead to. Records may belong to
// another name, which that one is an alias of (RFC 2317). The error tells of records that
// have no use; the others are returned all the same.
func irds(answer *dns.Msg, name, service string) (list []IRD, err error) {
	var failures []error
	seen := make(map[string]bool)
	for _, rr := range answer.Answer {
		r, ok := rr.(*dns.NAPTR)
		if !ok || !strings.EqualFold(r.Flags, "u") || !serves(r.Service, service) {
			continue
		}
		uri, err := substitute(r.Regexp, strings.TrimSuffix(name, "."))
		if err == nil {
			err = CheckURI(uri)
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("a record has no use: %w", err))
			continue
		}
		list = append(list, IRD{uri, r.Order, r.Preference})
	}
	slices.SortStableFunc(list, func(a, b IRD) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Preference, b.Preference), cmp.Compare(a.URI, b.URI))
	})
	list = slices.DeleteFunc(list, func(i IRD) bool { // the same in different letter case of the service
		was := seen[i.URI]
		seen[i.URI] = true
		return was
	})
	return list, errors.Join(failures...)
}

// serves tells whether a record of service has has all that is asked for: the service tag
// and its protocols.
func serves(has, wanted string) bool {
	offered := strings.Split(strings.ToLower(has), ":")
	for i, part := range strings.Split(strings.ToLower(wanted), ":") {
		if i == 0 && part != offered[0] || i > 0 && !slices.Contains(offered[1:], part) {
			return false
		}
	}
	return true
}

// substitute applies the substitution expression of a terminal U-NAPTR record to a name
// (RFC 3403 Section 4.1): the result stands in for the whole name, so that it has no
// references to parts of it.
func substitute(expression, name string) (string, error) {
	if expression == "" || strings.ContainsAny(expression[:1], `0123456789i\`) || expression[0] >= 0x80 {
		return "", fmt.Errorf("substitution %q has no delimiter", expression)
	}
	parts := strings.Split(expression[1:], expression[:1])
	if len(parts) != 3 || parts[2] != "" && parts[2] != "i" || strings.Contains(parts[1], `\`) {
		return "", fmt.Errorf("substitution %q is not a pattern and a URI between delimiters", expression)
	}
	pattern, err := regexp.CompilePOSIX(parts[0])
	if err != nil {
		return "", fmt.Errorf("substitution %q: %w", expression, err)
	}
	if !pattern.MatchString(name) {
		return "", fmt.Errorf("substitution %q does not fit %s", expression, name)
	}
	return parts[1], nil
}
