.PHONY: setup run test lint types bench browser
PY := .venv/bin/python
STAMP := .venv/.installed

setup: $(STAMP)

$(STAMP): pyproject.toml
	test -x $(PY) || python3 -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(PY) -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $(STAMP)

run: setup
	test -f "$${WENBAO_INDEX_DIR:-var/index}/CURRENT" || .venv/bin/wenbao build
	.venv/bin/wenbao ui

# The browser tests need Debian's Chromium and a font with Chinese characters. Lists of packages that could not be
# renewed may still do.
browser:
	@command -v chromium >/dev/null || { \
	  if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	    apt-get update -qq || true; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null; \
	  else echo "没有 Chromium；请以 root 运行 apt-get install chromium fonts-noto-cjk，再运行 make test。"; exit 1; fi; }

test: setup browser
	$(PY) -m pytest

types: setup
	.venv/bin/mypy
	.venv/bin/mypy --strict -p benchmarks
	.venv/bin/lint-imports

lint: types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

# Speed and size, into benchmarks/results/; e.g. make bench BENCH="--news --articles 1000 --name my-machine"
bench: setup
	$(PY) -m benchmarks $(BENCH)
