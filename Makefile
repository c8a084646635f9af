# Every day's work, one command each. `make help` prints this list.
PYTHON ?= python3
VENV := .venv/bin
export PYTHON
# Every worker of the tests imports all test modules: their rewritten asserts are kept between runs.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run demo test check coverage lint fmt bench bench-scan fuzz dev lock clean

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/.run ## Start the server with seeded data and print its addresses
	$(VENV)/ecert serve --seed

demo: .venv/.run ## Issue all 40 types, show one, verify it offline, revoke it, see it refused
	$(VENV)/ecert demo

test: .venv/.dev ## Run every test (SQLite, PostgreSQL, crashes)
	$(VENV)/python -m pytest -q -n auto $(ARGS)

check: .venv/.dev lint ## What CI runs: format, lint, types, import contracts, tests with coverage
	rm -f .coverage .coverage.*
	$(MAKE) test ARGS="--cov --cov-report="
	$(MAKE) coverage

coverage: .venv/.dev ## What the last `make check` did not reach; 100 % where verdicts are made, 90 % elsewhere
	$(VENV)/coverage report --include='keys/*,schemas/*,issuer/*,verifier/*' --fail-under=100
	$(VENV)/coverage report --include='wallet_api/*,services/*,ecert/*' --fail-under=90

lint: .venv/.dev ## Format check, lint, strict types, import contracts
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports --no-logo

fmt: .venv/.dev ## Format the code and mend what ruff can mend
	$(VENV)/ruff format .
	$(VENV)/ruff check --fix .

bench: .venv/.dev ## Measure the hot paths, each as a ratio to its limit
	$(VENV)/python -m bench $(ARGS)

bench-scan: .venv/.dev ## Scan rate of our codes by version, frame and setting
	$(VENV)/python -m bench.scan $(ARGS)

fuzz: .venv/.dev ## Fuzz every decoder for a while
	$(VENV)/python -m tests.fuzz $(ARGS)

dev: .venv/.dev ## Make the development environment

lock: .venv/.dev ## Lock the dependencies anew: names, versions, hashes, no addresses
	tools/lock.sh

clean: ## Remove the environment, caches and the server's data (var/)
	rm -rf .venv var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

.venv/.run: requirements/run.txt pyproject.toml
	tools/bootstrap.sh run

.venv/.dev: requirements/dev.txt pyproject.toml
	tools/bootstrap.sh dev
