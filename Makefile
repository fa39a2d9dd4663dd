# make demo, make test: see README.md. `make help` lists the rest.
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
PRODUCER ?= 001191110000MA0000000H10001
BINARY = .build/release/touchmark
SHARE = $(DESTDIR)$(PREFIX)/share

.PHONY: help build demo test lint format bench fuzz install uninstall clean swift

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 12

swift:
	@command -v $(SWIFT) >/dev/null || { echo "swift is not on PATH; install Swift 6.2 or later from swift.org" >&2; exit 1; }

build: swift ## build the command in release mode
	@.ci/packages build
	$(SWIFT) build -c release --product touchmark --static-swift-stdlib

demo: build ## label Fixtures/gallery into labelled/ and verify it
	rm -rf labelled
	$(BINARY) label Fixtures/gallery --output labelled --producer $(PRODUCER) --report labelled.jsonl
	$(BINARY) verify labelled
	@echo "the pictures are in labelled/, the report in labelled.jsonl ($(PRODUCER) is a dummy code: use your own)"

test: swift ## run all tests
	@.ci/packages build test
	$(SWIFT) test --disable-xctest

lint: swift ## check formatting and the manual page
	$(SWIFT) format lint --strict -r Sources Tests Package.swift
	@if command -v mandoc >/dev/null; then mandoc -Tlint -W warning Sources/touchmark/Manual/touchmark.1; fi

format: swift ## format the sources in place
	$(SWIFT) format -i -r Sources Tests Package.swift

bench: build ## measure against what people use today; results go to Benchmarks/results
	@.ci/packages bench
	$(SWIFT) run -c release --package-path Benchmarks throughput --touchmark $(BINARY)

fuzz: swift ## fuzz every parser of ours and the watermark's detector, SECONDS_EACH=600 by default
	@.ci/packages build
	Tests/Fuzz/run
	Tests/Fuzz/watermark

install: build ## install the command, completions and manual page below PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/man/man1 $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions $(SHARE)/fish/vendor_completions.d
	install -s -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/touchmark
	install -m 644 Sources/touchmark/Manual/touchmark.1 $(SHARE)/man/man1/touchmark.1
	$(BINARY) --generate-completion-script bash > $(SHARE)/bash-completion/completions/touchmark
	$(BINARY) --generate-completion-script zsh > $(SHARE)/zsh/site-functions/_touchmark
	$(BINARY) --generate-completion-script fish > $(SHARE)/fish/vendor_completions.d/touchmark.fish

uninstall: ## take away what install has put there
	rm -f $(DESTDIR)$(PREFIX)/bin/touchmark $(SHARE)/man/man1/touchmark.1 $(SHARE)/bash-completion/completions/touchmark
	rm -f $(SHARE)/zsh/site-functions/_touchmark $(SHARE)/fish/vendor_completions.d/touchmark.fish

clean: ## remove what was built
	rm -rf .build labelled labelled.jsonl
