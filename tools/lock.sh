#!/usr/bin/env bash
# Lock the dependencies anew: names, versions and hashes, no addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
    .venv/bin/pip-compile -q --upgrade --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url \
        --no-emit-find-links --no-header --no-annotate "$@" pyproject.toml
}
compile --extra server --extra jsonld --extra hsm --extra postgres --extra client --extra pdf --extra dev --build-deps-for editable -o requirements/dev.txt
compile --extra server --extra postgres --extra pdf --build-deps-for editable -c requirements/dev.txt -o requirements/run.txt
