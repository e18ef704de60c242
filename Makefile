# The lecture from one command: `make`. What else there is: `make help`.

#: scenes of your own (a file), or another lecture's folder, such as SCENES=examples/momentum; code that you trust
SCENES  :=
#: which lecture to make; `make new NAME=...` writes one about your own data; default: that in SCENES, or lecture.toml
LECTURE :=
#: as in Manim: l 480p15, m 720p30, h 1080p60, p 1440p60, k 2160p60
QUALITY := m
#: dark, light, or any background color such as '#fdf6e3'; default: what the lecture says
THEME   :=
#: who speaks: on, off, hibari or piper; default: what the lecture says, and off in decks and clips
VOICE   :=
#: where everything made goes
MEDIA   := media
#: how many scenes are rendered at once; default: what cores and memory allow
JOBS    :=
#: WHY=1 says of every step why it is rendered again
WHY     :=
#: scenes by name and chapters by number, for page, decks, handout, clips and bench, such as ONLY='3 WhereForcesBalance'; default: all
ONLY    :=
#: of slides, 16:9 or 4:3
ASPECT  := 16:9
#: where the film can be watched, for a QR code in beamer and handout
ADDRESS :=
#: address of a Dask scheduler that spreads the work over machines, such as tcp://host:8786
CLUSTER :=
#: what test and test-all run
TESTS   := tests
#: the Python that .venv is made of
PYTHON  ?= python3
#: where the packages go
VENV    := .venv

# Another lecture brings its own file, and is kept in a folder of its own.
other := $(patsubst %/,%,$(filter-out %.py,$(SCENES)))
ifneq ($(other),)
LECTURE := $(or $(LECTURE),$(other)/lecture.toml)
MEDIA := $(if $(filter media,$(MEDIA)),media/$(notdir $(other)),$(MEDIA))
endif

# One BLAS thread a process, since the work is spread over processes; hashes that repeat keep Manim's cache valid.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PYTHONHASHSEED := 0

in-venv := "$(VENV)/bin/python"
set-up := $(PYTHON) -I lecture/install.py --venv "$(VENV)"
groups := $(if $(CLUSTER),cluster)
option = $(if $($1),--$2 '$(subst ','\'',$($1))')
command = $(in-venv) -m scenes $(foreach path,$(SCENES),--scenes '$(path)')
lecture = $(command) $1 $(call option,LECTURE,lecture) $(call option,QUALITY,quality) \
    $(call option,THEME,theme) $(call option,MEDIA,media) $(call option,JOBS,jobs) $(if $(WHY),--why) \
    $(call option,CLUSTER,cluster) $(call option,VOICE,voice)

# `make -n` asks the builder, who says of every step whether and why it would be rendered.
dry := $(and $(findstring n,$(filter-out -%,$(firstword $(MAKEFLAGS)))),$(wildcard $(VENV)/bin/python))
build = $(if $(dry),+)$(call lecture,$1) $(if $(dry),--dry-run)

# A goal in CamelCase is a scene.
capitals := A B C D E F G H I J K L M N O P Q R S T U V W X Y Z
scenes := $(filter-out Makefile,$(foreach letter,$(capitals),$(filter $(letter)%,$(MAKECMDGOALS))))

.DEFAULT_GOAL := film
.NOTPARALLEL:
# What pages and decks there are is known to the program.
targets := $(shell $(PYTHON) -m lecture targets --names)

.PHONY: film preview stills $(targets) new booth audit docs bench \
    test test-all check format setup setup-formats setup-data setup-docs setup-dev setup-test-all clean distclean help $(scenes)

film: setup ## (or just make) the film of the lecture, with captions and chapters
	@$(call build,build)

ifneq ($(scenes),)
$(firstword $(scenes)): setup
	@$(call build,build $(scenes))
$(wordlist 2,$(words $(scenes)),$(scenes)): $(firstword $(scenes)) ; @:
endif

preview: setup ## a fast draft of the film
	@$(call build,preview)

stills: setup ## the last frame of every step, and one page with all of them
	@$(call build,stills)

$(targets): setup-formats
	@$(call build,$@) $(call option,ONLY,only) $(call option,ASPECT,aspect) $(call option,ADDRESS,address)

new: setup ## NAME=... a lecture about your own data; TARGET=... and FEATURES=a,b choose columns
	@$(command) new '$(subst ','\'',$(NAME))' $(call option,TARGET,target) $(call option,FEATURES,features) \
	  $(call option,COLUMNS,columns) $(call option,MISSING,missing) $(call option,DECIMAL,decimal) \
	  $(call option,DELIMITER,delimiter) $(call option,ENCODING,encoding) $(call option,SHEET,sheet)

booth: setup-formats ## record your own voice, step by step, on a page on this machine
	@$(call lecture,booth)

audit: setup ## look for text that overlaps, is too small or too pale, at every step's end
	@$(call lecture,audit)

docs: setup-docs ## the documentation as a site, in build/docs
	@$(in-venv) -m sphinx -q -W --keep-going -b html docs build/docs && echo build/docs/index.html

bench: setup-dev ## speed of wdmath and of rendering, beside other ways to do it
	@$(in-venv) -m tests.benchmarks

test: setup-dev ## the quick tests
	@$(in-venv) -m pytest -n auto --dist loadgroup -m 'not long' $(TESTS)

test-all: setup-test-all ## all tests, the long ones too
	@$(in-venv) -m pytest -n auto --dist loadgroup $(TESTS)

check: setup-dev ## format, style and types
	@$(in-venv) -m ruff format --check .
	@$(in-venv) -m ruff check .
	@$(in-venv) -m mypy

format: setup-dev ## put the code into the format that check wants
	@$(in-venv) -m ruff format .
	@$(in-venv) -m ruff check --fix .

setup: ## only get ready: system libraries and .venv; the other targets do it by themselves
	@$(set-up) render $(groups)

setup-formats:
	@$(set-up) render formats $(groups)

setup-data: ## also what reads Parquet files and Excel workbooks
	@$(set-up) render data

setup-docs:
	@$(set-up) render formats docs

setup-dev:
	@$(set-up) render formats data cluster dev notebook piper

# Chromium, LibreOffice, LaTeX and the like: what the long tests open the formats with.
setup-test-all:
	@$(set-up) --programs render formats data cluster dev notebook piper

clean: ## remove what was made
	@$(PYTHON) -m scenes clean $(call option,MEDIA,media)

distclean: clean ## remove also the set-up and all caches
	rm -rf '$(VENV)' build .pytest_cache .hypothesis .ruff_cache .mypy_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

help: ## this list
	@echo 'make [TARGET] [VARIABLE=...]'
	@echo
	@printf '  %-12s %s\n' SceneName 'the film of one scene, such as make RotateIntoEigenbasis'
	@$(PYTHON) -m lecture targets
	@sed -n 's/^\([a-z][a-z -]*\):.*## \(.*\)/\1|\2/p' Makefile | \
	    awk -F'|' '{ if (length($$1) > 12) printf "  %s\n  %-12s %s\n", $$1, "", $$2; else printf "  %-12s %s\n", $$1, $$2 }'
	@echo
	@awk '/^#: / { text = substr($$0, 4) } \
	    text && /^[A-Z]+ *[?:]=/ { printf "  %-12s %s%s\n", $$1, text, $$3 ? " [" $$3 "]" : ""; text = "" }' Makefile
