SEEDS ?= 10000
SECONDS ?= 60
MINUTES ?= 10
FORMATTED = Package.swift Sources Tests Benchmarks/functions/Package.swift Benchmarks/functions/Benchmarks Fuzzing
PREFIX ?= /usr/local
export PREFIX DESTDIR PADDLER

.DEFAULT_GOAL := help
.PHONY: help build test demo simulate mutate fuzz sanitize format lint bench bench-quick bench-cache bench-tenants bench-functions release install uninstall dist packages image release-check reliability reliability-models soak overload docs docs-check clean

help: ## Show this.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

build: ## Build everything in debug mode.
	swift build

test: ## Build everything and run all tests; fetches a llama-server (34 MB) if there is none.
	Scripts/test

demo: ## paddler serve with a tiny model on this machine, until Ctrl-C. MODEL=file.gguf
	@Scripts/demo

simulate: ## The core in random schedules, with faults. SEEDS=10000
	Scripts/simulate --seeds $(SEEDS)

fuzz: ## Mutated bytes for all that reads the bytes of others, with libFuzzer. SECONDS=60 for each subject
	SECONDS_EACH=$(SECONDS) Scripts/fuzz

sanitize: ## The tests under AddressSanitizer, in a build of their own.
	Scripts/sanitize

mutate: ## Break the core on purpose: the simulation has to find it. Half an hour; writes docs/reliability-mutations.md.
	Scripts/mutate

bench: ## Our balancer beside its rivals, half an hour. Prints tables.
	Scripts/bench

bench-quick: ## The same in three minutes: one short round of the main workloads.
	Scripts/bench --quick --proxies paddler,haproxy,nginx,envoy --workloads small,latency,streams-500,queue

bench-cache: ## What prompt caches are worth: conversations over real llama-servers, by policy and by rival. Twenty minutes.
	Scripts/bench-cache

bench-tenants: ## What one tenant's flood does to others, beside HAProxy and LiteLLM. Twenty minutes.
	Scripts/bench-tenants

bench-functions: ## Single functions, each by itself.
	cd Benchmarks/functions && swift package benchmark

reliability: ## Break things on purpose, half an hour. Writes docs/reliability.md.
	Scripts/reliability

reliability-models: ## Models on demand, under load and while processes are killed, three minutes. Prints tables.
	Scripts/reliability-models

soak: ## A long run with agents, servers and clients that come and go: nothing may grow, nothing be lost. MINUTES=10
	Scripts/soak --minutes $(MINUTES)

overload: ## Ten times what the servers can answer, for a minute. Needs a quiet machine.
	Scripts/overload

format: ## Format the sources.
	swift format --in-place --parallel --recursive $(FORMATTED)

lint: ## Check the sources' format, and that the defects of make mutate still fit them.
	swift format lint --strict --parallel --recursive $(FORMATTED)
	Scripts/mutate --check

release: ## The program as it is installed: one static file.
	@Scripts/build-release

install: ## Program, systemd units, man page, completions. PREFIX=/usr/local DESTDIR= PADDLER=file-built-before
	@Scripts/install install

uninstall: ## Remove them. PREFIX=/usr/local DESTDIR=
	@Scripts/install uninstall

dist: ## The release archive and its checksum, in dist/.
	@Scripts/make-dist

packages: ## A .deb and an .rpm, in dist/.
	@Scripts/make-packages

image: ## The container image, in dist/, without a container daemon.
	@Scripts/make-image

release-check: ## All that one machine can make of a release, twice, and all checks of it. As root. PADDLER=file-built-before
	@Scripts/release-check

docs: ## Write docs/flags.md, from the program itself.
	swift build --product paddler
	Scripts/make-manual.py "$$(swift build --show-bin-path)/paddler" flags >docs/flags.md

docs-check: ## Fail if docs/flags.md is out of date, or a test that the documents name is gone.
	Scripts/check-named-tests.py
	swift build --product paddler
	Scripts/make-manual.py "$$(swift build --show-bin-path)/paddler" check docs/flags.md

clean: ## Remove what was built.
	rm -rf .build dist
