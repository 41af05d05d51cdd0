SEEDS ?= 10000
FORMATTED = Package.swift Sources Tests

.DEFAULT_GOAL := help
.PHONY: help build test demo simulate format lint clean

help: ## Show this.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

build: ## Build everything in debug mode.
	swift build

test: ## Build everything and run all tests; fetches a llama-server (34 MB) if there is none.
	Scripts/test

demo: ## Two llama-servers, two agents and a balancer on this machine, until Ctrl-C. MODEL=file.gguf
	@Scripts/demo

simulate: ## The scheduler in random schedules, with faults. SEEDS=10000
	Scripts/simulate --seeds $(SEEDS)

format: ## Format the sources.
	swift format --in-place --parallel --recursive $(FORMATTED)

lint: ## Check the sources' format.
	swift format lint --strict --parallel --recursive $(FORMATTED)

clean: ## Remove what was built.
	rm -rf .build
