#!/usr/bin/env bash
# Installs what MsgNet needs and this machine lacks: the .NET 10 SDK and libsodium. Debian and Ubuntu; elsewhere it says what to do.
# With --tests also what only tests need, and with --bench what only benchmarks do; without it they skip, and say what is missing.
set -euo pipefail

as_root() {
    if [[ "$(id -u)" == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "install.sh: this needs root: $*" >&2
        return 1
    fi
}

apt_install() {
    command -v apt-get >/dev/null || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2 && return
    as_root apt-get update -q >&2 || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
}

# Output is taken whole before it is searched: a pipe into grep -q ends the writer early, which pipefail takes for a failure.
has_sdk() {
    local sdks
    sdks="$(dotnet --list-sdks 2>/dev/null)" || return 1
    [[ $'\n'"$sdks" == *$'\n'10.* ]]
}

has_libsodium() {
    local libraries
    libraries="$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null)" || return 1
    [[ "$libraries" == *libsodium.so.23* ]]
}

if ! has_sdk; then
    echo "install.sh: installing the .NET 10 SDK" >&2
    if ! apt_install dotnet-sdk-10.0 || ! has_sdk; then
        echo "install.sh: there is no .NET 10 SDK here, and apt has none: get it from https://dotnet.microsoft.com/download/dotnet/10.0" >&2
        exit 2
    fi
fi

if [[ "$(uname -s)" == Linux ]] && ! has_libsodium; then
    echo "install.sh: installing libsodium" >&2
    if ! apt_install libsodium23 || ! has_libsodium; then
        echo "install.sh: libsodium (libsodium.so.23) is missing: install it with your package manager" >&2
        exit 2
    fi
fi

# has_program NAME: also where only root looks.
has_program() {
    command -v "$1" >/dev/null || [[ -x "/usr/sbin/$1" || -x "/sbin/$1" ]]
}

# Nobody is asked for a password for what is not necessary.
install_optional() {
    local what="$1"
    shift
    (($# > 0)) || return 0
    if [[ "$(id -u)" == 0 ]] || sudo -n true 2>/dev/null; then
        echo "install.sh: installing $*" >&2
        apt_install "$@" && return 0
    fi
    echo "install.sh: going on without $*: $what" >&2
}

missing=()
needs_program() {
    has_program "$1" || missing+=("$2")
}

# What MsgNet is measured beside.
needs_contestants() {
    local package
    for package in libenet7 libzmq5 libnng1; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
}

[[ "$(uname -s)" == Linux ]] || exit 0
case "${1:-}" in
    --tests)
        needs_program ip iproute2
        needs_program nft nftables
        needs_program conntrack conntrack
        needs_program zsh zsh
        needs_contestants
        install_optional "tests that need them skip" "${missing[@]}"
        ;;
    --bench)
        needs_program gnuplot gnuplot-nox
        needs_contestants
        install_optional "their rows say so, and without gnuplot the plots stay as they are" "${missing[@]}"
        ;;
esac
