# Sourced by the other scripts, which set `root`: makes the project's own environment and keeps it up to date.
#   depr_env run    what the program needs
#   depr_env test   that and what the tests need
# DEPR_VENV names another folder than .venv; DEPR_PYTHON another interpreter than python3.

venv=${DEPR_VENV:-$root/.venv}
case $venv in /*) ;; *) venv=$PWD/$venv ;; esac

depr_say() { printf 'depr: %s\n' "$*" >&2; }
depr_stop() { depr_say "$*"; exit 1; }

# Everything an environment depends on. The stamp is a copy of it, so comparing needs no tool for hashes.
depr_inputs() {
    printf '%s %s\n' "$1" "$root"
    cat "$root/requirements/installer.txt" "$root/requirements/build.txt" "$root/requirements/$1.txt" \
        "$root/pyproject.toml"
}

# The environment for the tests also serves the program, not the other way round.
depr_current() {
    [ -x "$venv/bin/python" ] && [ -f "$venv/depr-stamp" ] || return 1
    for kind in "$1" test; do
        depr_inputs "$kind" | cmp -s - "$venv/depr-stamp" && return 0
    done
    return 1
}

depr_python() {
    for candidate in ${DEPR_PYTHON:-python3 python3.13 python3.12 python3.11}; do
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
        "$candidate" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
            depr_stop "$candidate cannot make environments: install its venv module (Debian, Ubuntu: apt-get install python3-venv)"
        printf '%s\n' "$candidate"
        return
    done
    found=$("${DEPR_PYTHON:-python3}" --version 2>/dev/null) || found=none
    depr_stop "needs Python 3.11 or newer, found $found; DEPR_PYTHON may name one"
}

# Runs a step quietly; its output is shown only when it fails.
depr_quiet() {
    "$@" >"$venv/depr-setup.log" 2>&1 || {
        cat "$venv/depr-setup.log" >&2
        depr_stop "could not make the environment; the lines above say why"
    }
}

depr_pip() {
    depr_quiet env PIP_USER=0 PYTHONPATH= "$venv/bin/python" -m pip --no-input --disable-pip-version-check "$@"
}

# A lock is complete, so nothing is left to a resolver: what it names is installed as it stands, and checked after.
depr_lock() {
    depr_pip install --quiet --no-deps --require-hashes --only-binary :all: "$@"
}

depr_make_venv() {
    "$venv/bin/pip" --version >/dev/null 2>&1 && return  # fails too after the folder was moved
    if [ -d "$venv" ] && [ ! -f "$venv/pyvenv.cfg" ] && [ -n "$(ls -A "$venv")" ]; then
        depr_stop "$venv holds something else than an environment: name an empty folder in DEPR_VENV"
    fi
    python=$(depr_python) || exit 1
    depr_say "making ${venv#"$PWD"/} ..."
    mkdir -p "$venv"
    depr_quiet "$python" -m venv --clear "$venv"
}

depr_env() {
    depr_current "$1" && return
    depr_make_venv
    depr_say "installing requirements/$1.txt (about a minute the first time) ..."
    rm -f "$venv/depr-stamp"
    depr_lock -r "$root/requirements/installer.txt"  # the bundled pip installs the pinned one, which does the rest
    depr_lock -r "$root/requirements/build.txt" -r "$root/requirements/$1.txt"
    depr_pip install --quiet --no-deps --no-build-isolation --editable "$root"
    depr_pip check
    rm -f "$venv/depr-setup.log"
    depr_inputs "$1" >"$venv/depr-stamp"
}
