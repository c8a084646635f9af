#!/usr/bin/env bash
# Make .venv from the locked dependencies: bootstrap.sh run | dev. Needs Python >= 3.11 and pip, nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
kind="${1:?run or dev}"
python="${PYTHON:-python3}"
lock="requirements/$kind.txt"

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "ecert needs Python 3.11 or newer; $("$python" --version) is here. Name another one: make PYTHON=python3.12 …" >&2
    exit 1
}

# Debian packages: libzbar0 is the second QR decoder, the font draws Chinese in PDF copies; the tests also start a real
# PostgreSQL and a software HSM.
packages=(libzbar0 fonts-noto-cjk)
[ "$kind" = dev ] && packages+=(postgresql softhsm2)
missing=()
if command -v dpkg-query >/dev/null; then
    for package in "${packages[@]}"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
fi
if [ "${#missing[@]}" -gt 0 ]; then
    if [ "$(id -u)" = 0 ]; then
        echo "installing Debian packages: ${missing[*]}"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
    else
        echo "missing Debian packages (ecert runs without them, with less): sudo apt-get install ${missing[*]}" >&2
    fi
fi

# ensurepip is a package of its own on Debian, so the environment is made without pip and filled from outside.
[ -x .venv/bin/python ] || "$python" -m venv --without-pip .venv
pip() { "$python" -m pip --python .venv/bin/python --disable-pip-version-check "$@"; }
echo "installing locked dependencies: $lock"
pip install -q --require-hashes --no-deps -r "$lock"
pip install -q --no-deps --no-build-isolation -e .
cat "$lock" pyproject.toml | sha256sum >".venv/.$kind"
[ "$kind" = dev ] && cat "requirements/run.txt" pyproject.toml | sha256sum >".venv/.run"
exit 0
