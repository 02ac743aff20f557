package discovery

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// Key signs updates (RFC 8945).
type Key struct {
	Name      string // domain name
	Algorithm string // "hmac-sha256" or "hmac-sha512"
	Secret    string // octets
}

// Server is a DNS server that takes updates of a zone.
type Server struct {
	Address string // HOST:PORT, TCP
	Key     Key
	Timeout time.Duration // for one answer
}

// perMessage bounds the changes in one message, which is well below 64 KiB with them.
const perMessage = 100

// fudge is how much clocks may differ, in seconds (RFC 8945).
const fudge = 300

// Update removes records of a zone and adds others, as far as they are there or not
// (RFC 2136 Sections 2.5.1 and 2.5.4). What is about one name is done at once, all of it
// in messages of some changes: after an error any of them may have been done.
func (s Server) Update(ctx context.Context, zone string, add, remove []dns.RR) error {
	list := make([]step, 0, len(add)+len(remove))
	for _, rr := range remove {
		list = append(list, step{rr, true})
	}
	for _, rr := range add {
		list = append(list, step{rr, false})
	}
	slices.SortStableFunc(list, func(a, b step) int { return cmp.Compare(a.rr.Header().Name, b.rr.Header().Name) })
	for len(list) > 0 {
		n := min(perMessage, len(list))
		for n < len(list) && list[n].rr.Header().Name == list[n-1].rr.Header().Name {
			n++
		}
		if err := s.send(ctx, zone, list[:n]); err != nil {
			return fmt.Errorf("update of %s at %s: %w", zone, s.Address, err)
		}
		list = list[n:]
	}
	return nil
}

// step is one change of an update.
type step struct {
	rr     dns.RR
	remove bool
}

func (s Server) send(ctx context.Context, zone string, list []step) error {
	m := new(dns.Msg).SetUpdate(zone)
	for _, x := range list {
		if rr := dns.Copy(x.rr); x.remove {
			m.Remove([]dns.RR{rr})
		} else {
			m.Insert([]dns.RR{rr})
		}
	}
	name := dns.CanonicalName(s.Key.Name)
	m.SetTsig(name, s.Key.Algorithm+".", fudge, time.Now().Unix())
	c := dns.Client{
		Net: "tcp", Timeout: s.Timeout,
		TsigSecret: map[string]string{name: base64.StdEncoding.EncodeToString([]byte(s.Key.Secret))},
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	answer, err := exchange(ctx, &c, m, s.Address)
	switch {
	case answer != nil && answer.Rcode != dns.RcodeSuccess:
		return fmt.Errorf("the server answers %s", cmp.Or(dns.RcodeToString[answer.Rcode], fmt.Sprint(answer.Rcode)))
	case err != nil:
		return err
	case answer.IsTsig() == nil:
		return errors.New("the answer is not signed")
	}
	return nil
}

// exchange is that of the client, but ends when ctx does.
func exchange(ctx context.Context, c *dns.Client, m *dns.Msg, address string) (*dns.Msg, error) {
	conn, err := c.DialContext(ctx, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	answer, _, err := c.ExchangeWithConnContext(ctx, m, conn)
	return answer, err
}
