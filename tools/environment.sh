#!/bin/sh
# Make or renew .venv so that it holds what the book (default) or the tests need.
# usage: sh tools/environment.sh [test]
#
# The stamp is written when an installation is complete, and only then.  It holds
# a checksum of what was asked for, and the folder, so that a change of either is
# noticed.  A .venv without a stamp is half-made, and is made anew.
set -eu

venv=.venv
stamp=$venv/installed.txt
requirements=requirements.txt
[ "${1:-book}" = test ] && requirements=requirements-test.txt

asked() { echo "$1 $(cat pyproject.toml constraints.txt requirements.txt "$1" | cksum) $PWD"; }

fail() {
    echo "error: $1" >&2
    exit 1
}

if [ -f $stamp ] && $venv/bin/python -c "import pip" 2>/dev/null; then
    installed=$(cat $stamp)
    # What the tests need includes what the book needs.
    for enough in "$requirements" requirements-test.txt; do
        [ "$installed" = "$(asked $enough)" ] && exit 0
    done
    # A moved folder leaves old paths behind; otherwise an upgrade in place will do.
    [ "${installed#*" $PWD"}" = "" ] || rm -rf $venv
    # Once set up for the tests, stay so.
    [ "${installed%% *}" = requirements-test.txt ] && requirements=requirements-test.txt
else
    rm -rf $venv
fi

if [ ! -d $venv ]; then
    python=
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then
            python=$candidate
            break
        fi
    done
    [ -n "$python" ] || fail "this book needs Python 3.11 or newer; found none (set PYTHON=/path/to/python3)"
    "$python" -c "import ensurepip, venv" 2>/dev/null ||
        fail "$python cannot make virtual environments; on Debian or Ubuntu: apt-get install python3-venv"
    echo "Making $venv with $("$python" --version) ..."
    "$python" -m venv $venv
fi

rm -f $stamp
quiet=${CI:+--quiet}
echo "Installing $requirements (once; this takes some minutes) ..."
cpu=https://download.pytorch.org/whl/cpu
if [ "$(uname)" = Linux ] && [ -z "${PIP_EXTRA_INDEX_URL:-}" ]; then
    echo "To spare gigabytes of CUDA: PIP_EXTRA_INDEX_URL=$cpu make ..." >&2
fi
$venv/bin/python -m pip install --disable-pip-version-check $quiet \
    --requirement $requirements --constraint constraints.txt
$venv/bin/python -m pip install --disable-pip-version-check $quiet --no-deps --editable .
asked $requirements >$stamp
