#!/usr/bin/env bash
# Measures everything but floods (eng/soak.sh does) and writes bench/RESULTS.md and bench/plots. 14 minutes on a quiet machine. What was
# tried, and why a figure is not reached, is written by hand: bench/STEPS.md.
#   eng/bench.sh              all parts
#   eng/bench.sh PART…        some of them, the others stay as they are: load, links, messi, machines
#   eng/bench.sh --quick      a smoke run of all parts, about two minutes; prints what it would write, and writes nothing
# Fails when a codec or machine allocates per message, and when a part comes to nothing: then it stays as it was, and the others are written.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

readonly results=bench/RESULTS.md run=artifacts/bench/run.json
readonly benchmarks="dotnet bench/MsgNet.Benchmarks/bin/Release/net10.0/MsgNet.Benchmarks.dll"
readonly load="dotnet bench/MsgNet.LoadBench/bin/Release/net10.0/MsgNet.LoadBench.dll"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

quick=""
if [[ "${1:-}" == --quick ]]; then
    quick=yes
    shift
fi
parts="${*:-load links messi machines}"
for part in $parts; do
    case "$part" in
        load | links | messi | machines) ;;
        *)
            echo "usage: eng/bench.sh [--quick] [load] [links] [messi] [machines]" >&2
            exit 64
            ;;
    esac
done

# within SECONDS COMMAND…: the command, ended when it takes longer than it ever should.
within() {
    timeout --foreground --kill-after 20 "$@"
}

table() {
    sed -n '/^|/p' "$1" | sed 's/\*\*//g'
}

# When and where a part was measured.
stamp() {
    echo "- $(date -u +%Y-%m-%d), commit $(git rev-parse --short HEAD), load $(cut -d ' ' -f 1 /proc/loadavg)"
    echo
}

# kept FROM [TO]: what stands in the results from the heading FROM up to the heading TO, or to the end.
kept() {
    [[ ! -f "$results" ]] || awk -v from="## $1" -v to="## ${2:-}" '$0 == from { on = 1 } $0 == to { on = 0 } on' "$results"
}

plot() {
    local name
    if ! command -v gnuplot >/dev/null; then
        echo "bench.sh: no plots without gnuplot" >&2
        return
    fi
    $load report "$run" --plots "$work/plots"
    for name in throughput latency goodput; do
        (cd bench/plots && gnuplot -e "data='$work/plots/$name.dat'; picture='$1/$name.svg'" common.gp "$name.gp")
    done
}

part_load() {
    mkdir -p "$(dirname "$run")"
    within 900 $load run --output "$run" ${quick:+--quick}
    $load report "$run" >"$work/load.md"
    if [[ -n "$quick" ]]; then
        plot "$work"
    else
        plot "$PWD/bench/plots"
    fi
}

# In virtual time: load does not change it.
part_links() {
    {
        echo "## Through a narrow, lossy link"
        echo
        cat <<'TEXT'
The real hosts in the simulator: 100 Mbit/s, 20 ms one way where nothing else is said, a queue of one round trip; reliable messages of
1,200 bytes for 10 s after the first 2 s. Goodput is bytes of messages, without any header, as a share of what the link carries. Queue is
the time a datagram waits for the link. The same on every machine: `dotnet run --project bench/MsgNet.Benchmarks -c Release -- links`.
TEXT
        echo
        stamp
        within 300 $benchmarks links >"$work/links"
        awk '/^\| One way/ { exit } { print }' "$work/links"
        echo "## Over a fat, lossy path"
        echo
        cat <<'TEXT'
The same hosts over a link that is never full, for 4 s after the first 2 s. Sent per delivered is packets sent for each segment made; random
loss alone makes it 1/(1 − loss). At 100 ms with loss the windows still grow while this is measured
([decision 0032](../specs/decisions/0032-windows-of-long-paths.md)).
TEXT
        echo
        awk '/^\| One way/ { on = 1 } on' "$work/links"
    } >"$work/links.md"
}

part_messi() {
    {
        echo "## Messi"
        echo
        cat <<'TEXT'
Generated client and server in two processes on loopback, plain TCP; a message is a number and a payload of the bytes in the table. *By hand*
is the least that .NET needs for the same Protocol Buffers over TCP: a length before each message, buffers of 64 KiB, one sender, no lock, no
limit, no keep-alive. The two take turns; medians of rounds. Allocated is what both processes allocated for each message beyond the objects
that Google's parser makes of it (a round trip is parsed twice). A round trip is one message under way for each client, sent back by the
server's handler. CPU is that of both processes. `dotnet run --project bench/MsgNet.Benchmarks -c Release -- messi`.

For comparison, the original (C client, C server, gcc -O2), measured on another machine of two shared cores with the same payloads, which
allows no ratio: client to server 3.3 M messages/s at 16 B and 2.6 M at 1,000 B, server to client 2.3 M and 0.55 M, round trip 7.1 us and
7.2 us (median). It makes one write and two reads for each message.
TEXT
        echo
        stamp
        if [[ -n "$quick" ]]; then
            within 300 $benchmarks messi 0.1 1
        else
            within 600 $benchmarks messi 0.4 2
        fi
    } | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$work/messi.md"
}

part_machines() {
    local job=(--job short --iterationCount 3 --iterationTime 100) report name
    [[ -z "$quick" ]] || job=(--job dry)
    within 900 $benchmarks --filter '*' "${job[@]}" --inProcess --artifacts "$work/micro" >&2
    {
        echo "## Parts"
        echo
        echo "BenchmarkDotNet, per operation, on one thread; \`-\` means no byte allocated. Handshakes and addresses are made once per peer, not"
        echo "per message, and are objects."
        echo
        stamp | sed '$d'
        for report in "$work"/micro/results/*-report-github.md; do
            name=$(basename "$report" -report-github.md)
            name=${name#MsgNet.Benchmarks.}
            echo
            echo "### ${name%Benchmarks}"
            echo
            table "$report"
        done
    } >"$work/machines.md"
}

# A dry run allocates what is made once.
check_allocations() {
    local report
    for report in "$work"/micro/results/*-report-github.md; do
        case "$report" in
            *Handshake* | *Identity*) continue ;;
        esac
        if table "$report" | tail -n +3 | awk -F '|' '$(NF - 1) !~ /^ *- *$/ { found = 1; print } END { exit !found }'; then
            echo "$report: these allocate." >&2
            return 1
        fi
    done
}

assemble() {
    cat <<'TEXT'
# Benchmark results

Reproduce with `eng/bench.sh`, which writes this file; `eng/soak.sh` writes its last part. Figures are medians of rounds in which all that is
compared takes turns. They move by a factor of two between runs on a shared machine: compare within one table only. What stands first here is
the run of all parts up to *Handshakes and idle sessions*; the parts after it are measured by themselves and say when.

TEXT
    if [[ -f "$work/load.md" ]]; then
        $load report "$run" --head
        echo
        cat "$work/load.md"
    else
        sed -n '/^- /p;/^## /q' "$results"
        echo
        kept "Figures to reach" "What was tried" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
    fi
    echo
    cat bench/STEPS.md
    echo
    part_of links "Through a narrow, lossy link" "Messi"
    part_of messi "Messi" "Parts"
    part_of machines "Parts" "Under attack"
    kept "Under attack"
}

# part_of NAME FROM TO: a part as it was just measured, or as it stands.
part_of() {
    if [[ -f "$work/$1.md" ]]; then
        cat "$work/$1.md"
    else
        kept "$2" "$3" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
    fi
    echo
}

./eng/install.sh --bench
for project in MsgNet.Benchmarks MsgNet.LoadBench; do
    dotnet build "bench/$project" -c Release -v quiet >&2
done
# A part in a shell of its own: where it fails, it ends, and no half of it is written.
failed=()
for part in $parts; do
    echo "bench.sh: $part, $(date +%T)" >&2
    set +e
    (
        set -e
        "part_$part"
    )
    status=$?
    set -e
    if ((status != 0)); then
        echo "bench.sh: $part failed ($status)" >&2
        failed+=("$part")
        rm -f "$work/$part.md"
    fi
done

assemble >"$work/results.md"
if [[ -n "$quick" ]]; then
    cat "$work/results.md"
else
    cp "$work/results.md" "$results"
    [[ ! -d "$work/micro" ]] || check_allocations
fi
((${#failed[@]} == 0)) || exit 1
