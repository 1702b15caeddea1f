#!/bin/sh
# Resolve pyproject.toml anew for all platforms and write constraints.txt: pins.sh UV
set -eu
uv=$1
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
"$uv" pip compile --quiet --universal --upgrade --group dev --no-header --no-annotate pyproject.toml -o "$fresh"
{
    echo '# Exact versions for every platform, used by the Makefile; made anew by `make pins`.'
    {
        grep -v '^opencv-python==' "$fresh"
        "$uv" --version | sed 's/^uv \([^ ]*\).*/uv==\1/'
    } | LC_ALL=C sort
} >constraints.txt
