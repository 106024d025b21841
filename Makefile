# What is typed here. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Everything that can be made again lies under one folder.
TARGET := $(or $(CARGO_TARGET_DIR),target)
VENV := $(TARGET)/venv
# One stamp per list of tools, so that a change of one installs that one only.
READY := $(VENV)/.ready
TOOLS := tests/local/tools
PIP := $(VENV)/bin/pip install --quiet --no-compile --disable-pip-version-check

INFRA := infra
INFRA_READY := $(INFRA)/node_modules/.ready

FUNCTIONS := create-snapshot check-status copy-to-s3 verify-object record-backup prune notify watch
# Lambda runs both; the demo runs what is built, so it is built for this machine.
ARCHITECTURE := $(if $(filter aarch64 arm64,$(shell uname -m)),--arm64,--x86-64)

.PHONY: help
help: ## Lists what can be typed
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 26

.PHONY: setup
setup: $(READY)-build $(READY)-demo ## Installs under target/ what building and the demo need

.PHONY: setup-test
setup-test: setup $(READY)-test $(TARGET)/node/.ready $(INFRA_READY) ## Installs under target/ what the tests need besides

.PHONY: build
build: $(READY)-build ## Builds the functions: target/lambda/<function>/bootstrap
# Without cargo-lambda's own flags: the profile says it all, and they would ask for a CPU that a laptop may not have.
	$(QUICKLY) PATH="$(abspath $(VENV))/bin:$$PATH" cargo lambda build --release --features bin \
	  $(ARCHITECTURE) --disable-optimizations $(FUNCTIONS:%=--package %)

.PHONY: rdb-verify
rdb-verify: ## Builds the command line that judges RDB files: target/release/rdb-verify
	cargo build --quiet --release --package rdb --features bin --bin rdb-verify

.PHONY: demo
demo: build $(READY)-demo ## Backs up three real caches on this machine, breaks a fourth run, mends and re-drives it
	cargo run --quiet --package local -- demo

# What needs nothing of the tests runs beside them, for they wait for a third of their time. By a name of its own, because
# `make -n` would run a line with $(MAKE) in it.
BESIDE := deny test-infra fuzz-quick
BESIDE_LOG := $(TARGET)/beside.log
SUBMAKE := $(MAKE) --no-print-directory

.PHONY: test
# The functions are built as they are shipped but for the optimization, which takes minutes and changes nothing that a test
# could see; `make demo` and `make deploy` build with it.
test: QUICKLY = CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0
test: setup-test build lint ## Everything that proves it, the demo with a real Valkey included
# What is run here was built with the tests: by itself it would be built a second time, with features of its own.
	cargo test --workspace --no-run
	$(TARGET)/debug/faults
	$(SUBMAKE) $(BESIDE) >$(BESIDE_LOG) 2>&1 & \
	tests=0; SNAPKEEP_REQUIRE_TOOLS=1 cargo test --workspace --no-fail-fast || tests=$$?; \
	if wait $$!; then echo "$(BESIDE): passed, as $(BESIDE_LOG) tells"; else cat $(BESIDE_LOG); exit 1; fi; \
	exit $$tests
	rm -rf $(TARGET)/test-home
	$(TARGET)/debug/local --home $(TARGET)/test-home demo --require-server

FAULTS := cargo run --quiet --package sim --bin faults --

.PHONY: faults
faults: ## Every fault at every call, and 300 random nights: prints the matrix, writes target/faults.html
	$(FAULTS)

# Random nights that `make soak` plays, from the seed FIRST on: the 300 of `make faults` take 9 s on two idle cores, so
# these take about ten minutes.
FIRST ?= 1000
SEEDS ?= 20000

.PHONY: soak
soak: ## Random nights for as long as there are SEEDS (20000), from the seed FIRST (1000) on
	$(FAULTS) --seeds $(FIRST) $(SEEDS)

# The deployment that a command is about: infra/config/$(ENV).yaml. None is assumed where an account is touched.
ENV ?=
NAMED = $(if $(ENV),,$(error say which deployment: make $@ ENV=prod is the one of infra/config/prod.yaml))
OPS := ENV='$(ENV)' node --import tsx ops
CDK = ENV='$(ENV)' CODE_ROOT="$(abspath $(TARGET))/deploy/$$($(OPS)/architecture.ts)" npx cdk

.PHONY: synth
synth: $(INFRA_READY) ## Prints what the stacks of ENV (minimal) consist of; asks no account and no network
	@cd $(INFRA) && $(OPS)/synth.ts

.PHONY: deploy-functions
deploy-functions: $(READY)-build $(INFRA_READY) ## Builds the functions for ENV's architecture: target/deploy/<architecture>
	$(NAMED)@architecture=$$(cd $(INFRA) && $(OPS)/architecture.ts); \
	if [ $$architecture = arm64 ]; then rustup target add aarch64-unknown-linux-gnu; fi; \
	PATH="$(abspath $(VENV))/bin:$$PATH" cargo lambda build --release --features bin --disable-optimizations \
	  --$${architecture/_/-} --lambda-dir $(TARGET)/deploy/$$architecture $(FUNCTIONS:%=--package %)

.PHONY: diff
diff: deploy-functions ## Shows what make deploy ENV=… would change in the account
	cd $(INFRA) && $(CDK) diff --all

.PHONY: deploy
deploy: deploy-functions ## Builds the functions and puts the stacks of ENV into the account
	cd $(INFRA) && $(CDK) deploy --all --require-approval broadening

.PHONY: check
check: $(INFRA_READY) ## Says whether all is ready for a first backup of ENV's caches; makes no snapshot
	@cd $(INFRA) && $(OPS)/check.ts

.PHONY: backup
backup: $(INFRA_READY) ## Starts a backup now, ENV=… CACHE=…, and follows it to its end
	@cd $(INFRA) && CACHE='$(CACHE)' PLAN='$(PLAN)' FOLLOW='$(FOLLOW)' $(OPS)/backup.ts

.PHONY: test-alert
test-alert: $(INFRA_READY) ## Sends a real message to everyone who is told of ENV's failures
	@cd $(INFRA) && $(OPS)/test-alert.ts

.PHONY: cost
cost: $(INFRA_READY) ## Prints what a backup costs, per run and per month
	@cd $(INFRA) && $(OPS)/cost.ts

.PHONY: test-infra
test-infra: $(READY)-test $(INFRA_READY) ## Proves the stacks, their rights and the operator's commands; needs no Rust
	cd $(INFRA) && npm run --silent check
	cd $(INFRA) && CFN_LINT='$(abspath $(VENV))/bin/cfn-lint' npm run --silent test

BENCH := cargo run --quiet --package bench -- --target $(TARGET)

.PHONY: bench
bench: build bench-programs ## Times reading and verifying, beside the servers' own checkers; makes 2.4 GB of files once
	$(BENCH) scan
	$(BENCH) object

.PHONY: bench-quick
bench-quick: build bench-programs ## The same on files of a tenth, in a minute
	$(BENCH) scan --quick
	$(BENCH) object --quick

.PHONY: bench-cold
bench-cold: setup-test build ## Times cold starts of the functions beside one of Python and boto3
	$(BENCH) cold

# What is measured is built as it is shipped; the benchmark itself need not be.
.PHONY: bench-programs
bench-programs: $(READY)-demo rdb-verify
	cargo build --quiet --release --package bench --no-default-features --bins

# Seconds for which `make fuzz` looks for inputs that break the scanner.
FUZZ_SECONDS ?= 300
FUZZ := functions/shared/rdb/fuzz
FUZZED := $(TARGET)/fuzz
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
# What cargo-fuzz asks of the compiler, without the sanitizers: those need nightly, and there is no `unsafe` to watch.
COVERAGE := --cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 $(addprefix -Cllvm-args=-sanitizer-coverage-,\
  level=4 inline-8bit-counters pc-table trace-compares)

# libFuzzer is C++. Where the machine has no compiler for it, Zig's builds its own library first, which takes a minute.
FUZZ_BUILD := $(if $(shell command -v c++),cargo build,CXXSTDLIB=c++ cargo zigbuild)

.PHONY: fuzz
fuzz: $(READY)-build $(READY)-fuzz ## Feeds the RDB scanner inputs made from coverage, for FUZZ_SECONDS (300)
	PATH="$(abspath $(VENV))/bin:$$PATH" RUSTFLAGS="$(COVERAGE)" CARGO_TARGET_DIR=$(abspath $(FUZZED)) \
	  $(FUZZ_BUILD) --quiet --release --locked --target $(HOST) --manifest-path $(FUZZ)/Cargo.toml
	mkdir -p $(FUZZED)/corpus $(FUZZED)/found
# What is new goes under target/; a finding belongs into tests/fixtures/found beside the crate's tests.
	$(FUZZED)/$(HOST)/release/scan -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=512 -max_len=32768 \
	  -print_final_stats=1 -verbosity=0 -artifact_prefix=$(FUZZED)/found/ $(FUZZED)/corpus $(FUZZ)/corpus/scan \
	  $(FUZZ)/../tests/fixtures/found

.PHONY: fuzz-quick
fuzz-quick: FUZZ_SECONDS = 25
fuzz-quick: fuzz ## The same for half a minute

# What to take out, by parts of the names in tests/sim/mutants.md; all without one.
GUARD ?=
# Set: plays only the cells that the list names, and not the whole matrix for a guard that none of them misses.
QUICK ?=

.PHONY: mutants
mutants: ## Removes one guard at a time and shows which cells of the fault matrix see it; four minutes, one once it is built
	cargo run --quiet --package sim --bin mutants -- $(if $(QUICK),--quick) $(if $(GUARD),'$(GUARD)')

.PHONY: lint
lint: ## Formatting, lints and documentation; a warning is an error
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --quiet

# What a season's thousand caches spend their time in is compiled for speed; the functions as shipped are not wanted here.
.PHONY: scale
scale: ## Plays 30 nights of 10, 100 and 1,000 caches with faults, in some 20 minutes; writes target/scale.txt and .svg
	cargo run --quiet --profile scale --package sim --bin scale -- $(TARGET) $(SCALE)

.PHONY: deny
deny: $(TARGET)/tools/bin/cargo-deny ## Checks licences, bans and sources of all dependencies
	PATH="$(abspath $(TARGET))/tools/bin:$$PATH" cargo deny check bans licenses sources

$(VENV)/bin/pip:
	python3 -m venv $(VENV)

$(READY)-%: $(TOOLS)/%.txt | $(VENV)/bin/pip
	$(PIP) --requirement $<
	@touch $@

$(TARGET)/node/.ready: tests/contract/lint/package.json
	mkdir -p $(@D)
	cp $< $(@D)/package.json
	npm install --prefix $(@D) --silent --no-audit --no-fund
	@touch $@

$(INFRA_READY): $(INFRA)/package.json $(INFRA)/package-lock.json
	npm ci --prefix $(INFRA) --silent --no-audit --no-fund
	@touch $@

# Built once and kept; without optimization and debug information it compiles in a third of the time, and its speed is of
# no account here.
$(TARGET)/tools/bin/cargo-deny:
	CARGO_PROFILE_DEV_DEBUG=false cargo install --locked --debug --quiet --root $(TARGET)/tools cargo-deny@$(CARGO_DENY)
CARGO_DENY := 0.20.2
