#!/usr/bin/env bash
# What the tests cannot say: how honest traffic fares under floods, and whether memory grows. Linux only. Writes its part of bench/RESULTS.md.
#   eng/soak.sh               floods of six kinds on loopback, 3 runs of 10 s and of 3 s each: "Under attack"; about seven minutes
#   eng/soak.sh --quick       the same for a moment; prints what it would write, and writes nothing
#   eng/soak.sh --minutes N   N minutes of traffic with 5 % loss and peers that come and go: "Coming and going"; what counts is an hour
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

readonly rate=200000 rate_at_most=10000000
readonly results=bench/RESULTS.md program=bench/MsgNet.Flood/bin/Release/net10.0/MsgNet.Flood.dll
runs=3 seconds=10 seconds_at_most=3
quick="" minutes=""
case "$*" in
    "") ;;
    --quick)
        quick=yes
        runs=1 seconds=1 seconds_at_most=1
        ;;
    "--minutes "[1-9]*)
        minutes=$2
        ;;
    *)
        echo "usage: eng/soak.sh [--quick | --minutes N]" >&2
        exit 64
        ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# within SECONDS COMMAND…: the command, ended when it takes longer than it ever should.
within() {
    timeout --foreground --kill-after 20 "$@"
}

# When and where it was measured.
stamp() {
    echo "- $(date -u +%Y-%m-%d), commit $(git rev-parse --short HEAD)"
    echo "- $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(uname -sr)," \
        "load $(cut -d ' ' -f 1 /proc/loadavg) at the end"
    echo
}

# kept FROM [TO]: what stands in the results from the heading FROM up to the heading TO, or to the end.
kept() {
    [[ ! -f "$results" ]] || awk -v from="## $1" -v to="## ${2:-}" '$0 == from { on = 1 } $0 == to { on = 0 } on' "$results"
}

flood() {
    within $((runs * 7 * (seconds + 30))) dotnet "$program" flood $seconds $rate $runs | tee "$work/table" >&2
    within $((runs * 7 * (seconds_at_most + 30))) dotnet "$program" flood $seconds_at_most $rate_at_most $runs | tee "$work/table-at-most" >&2
    echo "## Under attack"
    echo
    echo "One process floods a host on loopback, on one thread, from addresses all over 127.0.0.0/8, with $rate packets a second if the machine"
    echo "manages. Beside it ten hosts with sessions make 1,000 sealed requests a second, and 20 new ones dial. A request counts as answered"
    echo "within a second, a dial within ten. Medians of $runs runs of $seconds s, the kinds taking turns: \`eng/soak.sh\`. Attacker, responder and"
    echo "honest hosts share the cores with whatever else runs, so the times are the machine's as much as the protocol's."
    echo
    stamp
    cat "$work/table"
    echo
    echo "The same for $seconds_at_most s, as fast as one thread can send:"
    echo
    cat "$work/table-at-most"
}

# Of its rows, one in ten seconds, a dozen say enough.
churn() {
    within $((minutes * 60 + 120)) dotnet "$program" soak "$minutes" | tee "$work/table" >&2
    echo "## Coming and going"
    echo
    echo "Ten hosts make 1,000 requests a second of another, which answers them from a process of its own, and ten more hosts a second come, ask"
    echo "and go; every twentieth datagram is lost. What the answering process holds in $minutes minutes of that, and in the last column what"
    echo "that of all its peers does: \`eng/soak.sh --minutes $minutes\`. It remembers where a peer was for 15 minutes, 600 B for each that"
    echo "went, and up to twice as many until it sweeps; what else they leave the runtime collects when there is enough of it. Heap is what it"
    echo "holds with that, and a full collection is one of all generations."
    echo
    stamp
    awk -v step=$(((minutes * 6 + 11) / 12)) '/^\| [0-9]/ { if (++row % step == 0) print; next } { print }' "$work/table"
}

dotnet build bench/MsgNet.Flood -c Release -v quiet >&2
[[ -n "$minutes" ]] || flood >"$work/flood.md"
[[ -z "$minutes" ]] || churn >"$work/churn.md"
{
    sed '/^## Under attack$/,$d' "$results"
    [[ -f "$work/flood.md" ]] || kept "Under attack" "Coming and going"
    [[ ! -f "$work/flood.md" ]] || { cat "$work/flood.md" && echo; }
    [[ -f "$work/churn.md" ]] || kept "Coming and going"
    [[ ! -f "$work/churn.md" ]] || cat "$work/churn.md"
} | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$work/results"
if [[ -n "$quick" ]]; then
    cat "$work/flood.md"
else
    cp "$work/results" "$results"
fi
