#!/usr/bin/env bash
# What the tests cannot say: how honest traffic fares under floods, and whether memory grows. Linux only.
#   eng/soak.sh               floods of six kinds on loopback, 3 runs of 10 s each; rewrites "Under attack" in bench/RESULTS.md
#   eng/soak.sh --minutes N   N minutes of traffic with 5 % loss and peers that come and go; prints what the process holds
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

readonly runs=3 seconds=10 rate=200000 seconds_at_most=3 rate_at_most=10000000
readonly results=bench/RESULTS.md program=bench/MsgNet.Flood/bin/Release/net10.0/MsgNet.Flood.dll

build() {
    dotnet build bench/MsgNet.Flood -c Release -v quiet
}

case "$*" in
    "") ;;
    "--minutes "[1-9]*)
        build
        exec dotnet "$program" soak "$2"
        ;;
    *)
        echo "usage: eng/soak.sh [--minutes N]" >&2
        exit 64
        ;;
esac

build
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet "$program" flood $seconds $rate $runs | tee "$work/table"
dotnet "$program" flood $seconds_at_most $rate_at_most $runs | tee "$work/table-at-most"

{
    sed '/^## Under attack/,$d' "$results"
    echo "## Under attack"
    echo
    echo "One process floods a host on loopback, on one thread, from addresses all over 127.0.0.0/8, with $rate packets a second if the machine"
    echo "manages. Beside it ten hosts with sessions make 1,000 sealed requests a second, and 20 new ones dial. A request counts as answered"
    echo "within a second, a dial within ten. Medians of $runs runs of $seconds s, the kinds taking turns: \`eng/soak.sh\`. Attacker, responder and"
    echo "honest hosts share the cores with whatever else runs, so the times are the machine's as much as the protocol's."
    echo
    echo "- $(date -u +%Y-%m-%d), commit $(git rev-parse --short HEAD)"
    echo "- $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(uname -sr), load $(cut -d ' ' -f 1 /proc/loadavg) at the end"
    echo
    cat "$work/table"
    echo
    echo "The same for $seconds_at_most s, as fast as one thread can send:"
    echo
    cat "$work/table-at-most"
} >"$work/results"
cp "$work/results" "$results"
