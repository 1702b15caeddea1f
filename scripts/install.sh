#!/bin/sh
# Make the environment and put the requirements in it: install.sh PYTHON VENV [GROUP]
set -eu
python=$1
venv=$2
group=${3:-}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Vidtrail needs Python 3.11 or newer; '$python' is not. Name another: make install PYTHON=python3.12" >&2
    exit 1
}

uv_pin=$(sed -n 's/^\(uv==[^ ;]*\).*/\1/p' constraints.txt)

if [ ! -x "$venv/bin/uv" ]; then
    # Where the system's Python has no venv module (Debian without python3-venv), uv makes the environment.
    if "$python" -m venv "$venv" >/dev/null 2>&1; then
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$uv_pin"
    else
        rm -rf "$venv"
        "$python" -m pip install --quiet --disable-pip-version-check --target "$venv.uv" "$uv_pin"
        "$venv.uv/bin/uv" venv --quiet --python "$python" "$venv"
        "$venv.uv/bin/uv" pip install --quiet --python "$venv/bin/python" "$uv_pin"
        rm -rf "$venv.uv"
    fi
fi

# uv does not read pip's settings: hand over the index and the certificates a company may have set.
index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then
    UV_DEFAULT_INDEX=$index
    export UV_DEFAULT_INDEX
fi
if [ -n "${PIP_CERT:-}" ] && [ -z "${SSL_CERT_FILE:-}" ]; then
    SSL_CERT_FILE=$PIP_CERT
    export SSL_CERT_FILE
fi

"$venv/bin/uv" pip install --python "$venv/bin/python" \
    --requirements pyproject.toml --constraints constraints.txt ${group:+--group "$group"}

# The command runs the code of this checkout; nothing of ours is copied into the environment.
cat >"$venv/bin/vidtrail" <<EOF
#!/bin/sh
# Written by \`make install\`.
exec "$(cd "$venv" && pwd)/bin/python" -P "$(pwd)/dashboard/launcher.py" "\$@"
EOF
chmod +x "$venv/bin/vidtrail"
