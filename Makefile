# Sirdar. `make demo` shows it, `make test` proves it; both set up what they need.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := build

GO ?= go
FUZZTIME ?= 30s
# What `make test` runs; narrow it with `make test PACKAGES=./process`.
PACKAGES ?= ./...
# Systems beside this one that the tree must compile for.
PORTS := linux/arm64 darwin/arm64 freebsd/amd64

.PHONY: build demo test check lint fmt-check vet staticcheck tidy-check cross \
	test-packages unit unit-as-user bench fuzz replay conformance clean help

help: ## say what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## static binaries in bin/
	@mkdir -p bin
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -ldflags '-s -w' -o bin/supervisord ./cmd/supervisord
	@for name in supervisorctl echo_supervisord_conf pidproxy; do ln -sfn supervisord bin/$$name; done

demo: build ## real programs under bin/supervisord, from start to clean end
	@examples/demo/run.sh

test: test-packages check unit unit-as-user ## everything that must hold: lint, cross-compilation, all tests with -race

check: lint tidy-check cross ## what can be said without running a test

lint: fmt-check vet staticcheck ## gofmt, go vet, staticcheck

fmt-check:
	@bad=$$(gofmt -l .); \
	if [ -n "$$bad" ]; then echo "gofmt -w is due on:"; echo "$$bad"; exit 1; fi

vet:
	$(GO) vet ./...

# The linter has its own go.mod, so that nobody who imports us downloads it.
staticcheck:
	$(GO) tool -modfile=tools/go.mod staticcheck ./...

tidy-check:
	$(GO) mod tidy -diff

cross: ## compile for the other systems
	@for port in $(PORTS); do \
		echo "CGO_ENABLED=0 GOOS=$${port%/*} GOARCH=$${port#*/} $(GO) build ./..."; \
		CGO_ENABLED=0 GOOS=$${port%/*} GOARCH=$${port#*/} $(GO) build ./...; \
	done

test-packages: ## install the Debian packages that the tests run or compare with
	@tools/test-packages

unit: build ## the tests alone, for which every package must be there already
	$(GO) run ./internal/testrun -race -count=1 -timeout 15m $(PACKAGES)

# The packages that touch the system: root and others meet different walls.
unit-as-user: ## as root: some of the tests again as an ordinary user
	@GO="$(GO)" tools/test-as-user spawn daemon logfile pump supervise pidproxy

bench: build ## measure beside Debian's supervisord, in one run (BENCHFLAGS=-help says what)
	@tools/test-packages supervisor gcc libc-dev
	$(GO) test ./xmlrpc -run '^$$' -bench .
	cd bench/kolo && $(GO) test -bench .
	$(GO) run ./bench -ours bin/supervisord $(BENCHFLAGS)

fuzz: ## every fuzz target for FUZZTIME each
	@tools/fuzz $(FUZZTIME)

replay: ## the pure machine beside Python's Subprocess on 100,000 random scripts
	@tools/test-packages supervisor
	$(GO) test ./process -run Replay -timeout 60m -replay.scripts=100000

conformance: ## write docs/conformance.md from the marks in the tests
	$(GO) run ./internal/conformance

clean:
	rm -rf bin
