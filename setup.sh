#!/bin/sh
# Installs what a target of the Makefile needs: the system's packages, then the virtual environment,
# from a lock file with hashes. Does nothing if everything is installed already.
#
#   ./setup.sh run     for `make demo` and `make up`
#   ./setup.sh test    the same, and the tools of the tests and the lint
set -eu
cd "$(dirname "$0")"

kind=${1:?run or test}
venv=.venv
stamp=$venv/.installed-$kind

fail() {
    printf 'sottovoce: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
    exit 1
}

# --- the system's packages -------------------------------------------------------------------

missing=
need() { # need PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need python3 python3
need tor tor
need setpriv util-linux
if [ "$kind" = test ]; then
    # Ubuntu has no package firefox-esr, but may have another Firefox.
    command -v firefox >/dev/null 2>&1 || need firefox-esr firefox-esr
    need pkill procps
    need strace strace
    need Xvfb xvfb
    need xdotool xdotool
    need ss iproute2
    # Debian's lyrebird serves obfs4, too.
    command -v lyrebird >/dev/null 2>&1 || need obfs4proxy obfs4proxy
fi
if command -v python3 >/dev/null 2>&1; then
    python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
else
    missing="$missing python3-venv"
fi

if [ -n "$missing" ]; then
    install="apt-get update && apt-get install -y --no-install-recommends$missing"
    case "$missing " in
    *" tor "*)
        # The package starts a tor, at once and at each boot, which connects to the network by itself.
        # Where tor is watched, that must not happen. RUNLEVEL is for systems without systemd.
        install="export RUNLEVEL=1 && $install"
        if command -v systemctl >/dev/null 2>&1; then
            install="systemctl --quiet mask tor.service && $install"
        fi
        ;;
    esac
    command -v apt-get >/dev/null 2>&1 ||
        fail "these packages are missing, and this system has no apt-get:$missing" \
            "install them with your system's package manager, then run the same command again"
    if [ "$(id -u)" = 0 ]; then
        echo "installing$missing"
        said=$(DEBIAN_FRONTEND=noninteractive sh -c "$install" 2>&1) || {
            [ -z "$said" ] || printf '%s\n' "$said" >&2
            fail "could not install$missing" "run: $install"
        }
    else
        fail "these packages are missing, and installing them takes root:$missing" \
            "run: sudo sh -c '$install'"
    fi
fi

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "python3 is older than 3.11" "Debian 12 and Ubuntu 24.04 have a newer one"

# --- the virtual environment -----------------------------------------------------------------

locks="requirements/build.lock requirements/run.lock requirements/test.lock
requirements/axe.lock"
# A checkout that was moved, or a python3 that is gone, leaves an environment that does not run.
works() { # works: whether the environment runs, and was made for this folder
    $venv/bin/python -c '' 2>/dev/null || return 1
    IFS= read -r first <$venv/bin/sottovoce || return 1
    case $first in
    "#!$PWD/$venv/bin/python") ;;
    "#!"*"/$venv/bin/python") return 1 ;;
    esac
}
if [ -e $venv/.installed-run ] && ! works; then
    echo "replacing $venv, which does not run here any more"
    rm -rf $venv
fi
fresh() { # fresh STAMP: whether it is newer than all files that it depends on
    [ -e "$1" ] || return 1
    for source in pyproject.toml setup.sh $locks; do
        [ ! "$source" -nt "$1" ] || return 1
    done
}
fresh "$stamp" && exit 0

echo "setting up $venv"
[ -x $venv/bin/python ] || python3 -m venv $venv || fail "could not create $venv"
pip() { $venv/bin/python -m pip --quiet --disable-pip-version-check "$@"; }
offline="check the network: this step downloads Python packages; it is needed only once"
pip install --require-hashes -r requirements/build.lock ||
    fail "could not install the build tools" "$offline"
# Without build isolation, so that the build tools are the locked ones.
pip install --require-hashes --no-build-isolation -r "requirements/$kind.lock" ||
    fail "could not install the dependencies" "$offline"
# Without what it depends on: the tests only read one file of it.
[ "$kind" = run ] || pip install --require-hashes --no-deps -r requirements/axe.lock ||
    fail "could not install axe" "$offline"
pip install --no-deps --no-build-isolation --editable . || fail "could not install sottovoce"
touch "$stamp"
[ "$kind" = run ] || touch $venv/.installed-run
