# `make demo` and `make test` need only Python >= 3.11, make and a package index: they set up .venv themselves.

bin := .venv/bin
export PYTHONDONTWRITEBYTECODE := # without bytecode each process compiles 4,000 modules anew, and some tests start one

.PHONY: demo test package sbom bench check format lint types layers docs site lock clean

demo: .venv/ready ## stream a code review and a picture's description, offline
	@$(bin)/clarion demo

workers = $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )) # some tests wait for a process, or for time to pass

test: .venv/ready ## run the tests on all cores and print branch coverage; `make docs` runs those of the documentation
	@$(bin)/python -m pytest --numprocesses $(workers) --dist worksteal --cov --cov-report=term --ignore=tests/test_documentation.py \
		--ignore=tests/test_walkthroughs.py --ignore=tests/distribution

package: .venv/ready ## build the wheel, and try it alone, with each extra, and with the lowest and the newest versions
	@$(bin)/python -m pytest --quiet --numprocesses $(workers) --dist worksteal tests/distribution

sbom: .venv/ready ## a bill of materials of the wheel, its dependencies and extras, as locked: dist/clarion.cdx.json
	@scripts/sbom dist/clarion.cdx.json

bench: .venv/ready ## measure all speed, beside other libraries too, and write a table to build/bench.md; for a quiet machine
	@$(bin)/python bench --peers --output build/bench.md

check: format lint types layers docs ## everything but the tests

format: .venv/ready
	@$(bin)/ruff format --check --quiet . || { $(bin)/ruff format --check .; exit 1; }

lint: .venv/ready
	@$(bin)/ruff check --quiet .

types: .venv/ready
	@$(bin)/mypy

layers: .venv/ready ## the direction of imports, as pyproject.toml says
	@$(bin)/lint-imports --no-logo

docs: site ## every code block of the documentation runs, every link leads somewhere, the site builds without a warning
	@$(bin)/python -m pytest --quiet --numprocesses $(workers) --dist worksteal tests/test_documentation.py tests/test_walkthroughs.py

site: .venv/ready ## the documentation as pages, in build/site; no network
	@$(bin)/python scripts/website
	@$(bin)/zensical build --clean --strict > build/zensical.log 2>&1 || { cat build/zensical.log; exit 1; }
	@! grep -rE '<(script|link|img)[^>]* (src|href)="?https?://' --include='*.html' build/site # a page loads nothing from elsewhere

lock: .venv/ready ## resolve the newest versions anew
	@$(bin)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-annotate --group dev \
		--all-extras --custom-compile-command "make lock" pyproject.toml -o requirements.lock

.venv/ready: requirements.lock pyproject.toml scripts/setup
	@scripts/setup

clean:
	@rm -rf .venv .uv build .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
