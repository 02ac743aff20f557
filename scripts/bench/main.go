// Command bench measures RESTCONF requests of the real program over HTTPS with
// keep-alive, beside a bare net/http handler that answers with the same header and
// body: each in a process of its own, asked in turns by the same client, over
// HTTP/1.1 and HTTP/2.
//
//	go run ./scripts/bench -bin bin/altoamd
//
// For each resource it prints the medians: requests per second of both and their
// ratio, and the processor time of a request in each server. With -patch it prints
// the rate of one-leaf edits by one client and by many instead.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// plan is what is measured.
type plan struct {
	bin     string        // altoamd
	args    []string      // more of its arguments
	sizes   []int         // resources in the configuration
	clients int           // connections over HTTP/1.1, streams over HTTP/2
	rounds  int           // alternations
	each    time.Duration // of one server in one round
	patch   bool
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == bareCommand {
		exitOn(serveBare(os.Stdin, os.Stdout))
		return
	}
	var p plan
	var sizes, args string
	flag.StringVar(&p.bin, "bin", "bin/altoamd", "the program")
	flag.StringVar(&args, "args", "", "more arguments for it, parted by spaces")
	flag.StringVar(&sizes, "n", "1000,100000", "numbers of resources")
	flag.IntVar(&p.clients, "clients", 32, "clients at once")
	flag.IntVar(&p.rounds, "rounds", 5, "turns of each server")
	flag.DurationVar(&p.each, "each", 2*time.Second, "time of a turn")
	flag.BoolVar(&p.patch, "patch", false, "measure edits")
	flag.Parse()
	p.args = strings.Fields(args)
	for text := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(text)
		exitOn(err)
		p.sizes = append(p.sizes, n)
	}
	for _, n := range p.sizes {
		exitOn(p.measure(n))
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure starts a server with n resources and measures it.
func (p plan) measure(n int) error {
	s, err := startAgent(p.bin, p.args, n)
	if err != nil {
		return err
	}
	defer s.stop()
	if p.patch {
		return p.edits(s, n)
	}
	for _, uri := range []string{"?content=config", ""} {
		if err := p.reads(s, n, entry(n/2)+uri); err != nil {
			return err
		}
	}
	return nil
}

// reads compares GET of a resource with the bare handler, over both versions of HTTP.
func (p plan) reads(s *child, n int, uri string) error {
	shown, err := capture(s, uri)
	if err != nil {
		return err
	}
	bare, err := startBare(shown)
	if err != nil {
		return err
	}
	defer bare.stop()
	for _, two := range []bool{false, true} {
		var ours, theirs []sample
		for range p.rounds {
			for _, x := range []struct {
				c  *child
				to *[]sample
			}{{s, &ours}, {bare, &theirs}} {
				got, err := x.c.load(uri, p.clients, two, p.each)
				if err != nil {
					return err
				}
				*x.to = append(*x.to, got)
			}
		}
		a, b := middle(ours), middle(theirs)
		fmt.Printf("n=%-7d %-8s %4d bytes  altoamd %6.0f/s %5.1f µs   bare %6.0f/s %5.1f µs   ratio %.2f   %s\n",
			n, version(two), len(shown.Body), a.rate, a.cpuMicroseconds, b.rate, b.cpuMicroseconds, middleRatio(ours, theirs), uri)
	}
	return nil
}

func version(two bool) string {
	if two {
		return "HTTP/2"
	}
	return "HTTP/1.1"
}

// edits compares the rate of edits of one client with that of many.
func (p plan) edits(s *child, n int) error {
	var one, many []sample
	for range p.rounds {
		for _, x := range []struct {
			clients int
			to      *[]sample
		}{{1, &one}, {p.clients, &many}} {
			got, err := s.patches(n, x.clients, p.each)
			if err != nil {
				return err
			}
			*x.to = append(*x.to, got)
		}
	}
	a, b := middle(one), middle(many)
	fmt.Printf("n=%-7d PATCH  1 client %5.0f/s %4.0f µs of processor   %d clients %5.0f/s %4.0f µs   ratio %.1f\n",
		n, a.rate, a.cpuMicroseconds, p.clients, b.rate, b.cpuMicroseconds, middleRatio(many, one))
	return nil
}

// sample is what one turn came to.
type sample struct {
	rate            float64 // requests per second
	cpuMicroseconds float64 // of the server, for one request
}

// middle is the median of each figure.
func middle(all []sample) sample {
	return sample{
		median(all, func(i int) float64 { return all[i].rate }),
		median(all, func(i int) float64 { return all[i].cpuMicroseconds }),
	}
}

// middleRatio is the median of the ratios within each round.
func middleRatio(a, b []sample) float64 {
	return median(a, func(i int) float64 { return a[i].rate / b[i].rate })
}

func median(all []sample, of func(int) float64) float64 {
	var v []float64
	for i := range all {
		v = append(v, of(i))
	}
	slices.Sort(v)
	return v[len(v)/2]
}
