# The two commands to know: make run, make test.

GO      ?= go
RUNDIR  ?= .cache/run
PACKAGES = ./...

.PHONY: run build install units test race lint gen bench bench-restconf fuzz soak walk interop fmt clean

## run: build and start on loopback with a small example network; prints what to try next
run: build
	bin/altoamd run --data-dir $(RUNDIR) --seed examples/lab.json --hints

## build: the programs, into bin/; without C, so that all of a process can be kept from new rights
build:
	CGO_ENABLED=0 $(GO) build -o bin/ ./cmd/...

## install: the programs and what systemd needs for them, below DESTDIR
install: build
	install -Dm755 -t $(DESTDIR)/usr/bin bin/altoamd bin/altoamctl
	install -Dm644 -t $(DESTDIR)/usr/lib/systemd/system packaging/systemd/altoamd.service packaging/systemd/altoam-server.service
	install -Dm644 -t $(DESTDIR)/usr/lib/sysusers.d packaging/sysusers.d/altoam.conf
	install -Dm644 -t $(DESTDIR)/usr/share/doc/altoam packaging/systemd/low-ports.conf
	[ -e $(DESTDIR)/etc/default/altoamd ] || install -Dm640 packaging/default $(DESTDIR)/etc/default/altoamd

## test: all tests, with TESTFLAGS
test:
	$(GO) test $(TESTFLAGS) $(PACKAGES)

## race: all tests under the race detector
race:
	$(GO) test -race $(PACKAGES)

## lint: formatting, vet, staticcheck, import directions, gosec, known vulnerabilities
lint:
	@out=$$($(GO) tool gofumpt -l $$(git ls-files '*.go' | xargs grep -L '^// Code generated')); \
	  if [ -n "$$out" ]; then echo "not gofumpt-ed:"; echo "$$out"; exit 1; fi
	$(GO) vet $(PACKAGES)
	$(GO) tool staticcheck $$($(GO) list ./... | grep -v /gen)
	$(GO) test ./scripts/archtest
	$(GO) tool gosec -quiet -exclude-generated $(GOSEC_LEAVE) ./...
	scripts/vulnerabilities.sh

# What gosec does not look at: code that does not ship, errors that nobody handles (those of
# closing a file or connection that is done with), and names of files from variables: all
# are an operator's, of flags or of configuration.
GOSEC_LEAVE = -exclude-dir=gen -exclude-dir=scripts -exclude-dir=test -exclude=G104,G304

## fmt: format what lint would refuse
fmt:
	$(GO) tool gofumpt -w $$(git ls-files '*.go' | xargs grep -L '^// Code generated')

## gen: the typed view of the configuration, the list of drivers, and docs/alto-coverage.md
gen:
	$(GO) run ./scripts/gen
	$(GO) run ./cmd/altoamd schema coverage >docs/alto-coverage.md.new && mv docs/alto-coverage.md.new docs/alto-coverage.md

## bench: measurements; docs/performance.md records them
bench:
	$(GO) test -run '^$$' -bench . -benchmem $(PACKAGES)

## bench-restconf: requests of the real program beside a bare handler, then edits by one and many clients
bench-restconf: build
	$(GO) run ./scripts/bench -bin bin/altoamd
	$(GO) run ./scripts/bench -bin bin/altoamd -patch

## fuzz: each fuzz target for FUZZTIME
FUZZTIME ?= 10s
fuzz:
	scripts/fuzz.sh $(FUZZTIME)

## soak: long runs of the random tests: NETCONF frames and messages that are wrong, requests of ALTO clients that are, edits of random schemas, kills at random points; an hour or more
STEPS ?= 1000000
KILLS ?= 10000
ROUNDS ?= 10000
soak:
	ALTOAM_FRAMES=1000000 $(GO) test -run TestMutatedFrames -timeout 0 ./netconf/transport
	ALTOAM_MALFORMED=100000 $(GO) test -run TestMalformed -timeout 0 ./netconf
	ALTOAM_SOAK_STEPS=$(STEPS) $(GO) test -run TestRandomSchemas -timeout 0 ./datastore/validate
	ALTOAM_KILLS=$(KILLS) $(GO) test -timeout 0 ./test/crash
	ALTOAM_ROUNDS=$(ROUNDS) $(GO) test -run TestRace -timeout 0 ./restconf
	ALTOAM_REQUESTS=1000000 $(GO) test -run TestRandomRequests -timeout 0 ./alto
	ALTOAM_APART=1 $(GO) test ./agent
	$(MAKE) build && ALTOAM_ROUNDS=100 test/interop/run.sh bin/altoamd case_44_southbound
	$(MAKE) walk

## walk: a client's walk over the largest deployment, full size, with 50 update streams
walk: build
	ALTOAM_WALK_SCALE=1 test/interop/run.sh bin/altoamd case_52_walk

## units: what systemd says of packaging/systemd (needs systemd-analyze, strace and curl)
units: build
	scripts/check-units.sh bin/altoamd

## interop: real clients against the real binary (needs the Debian packages of .ci/run)
interop: build
	test/interop/run.sh bin/altoamd

clean:
	rm -rf bin .cache
