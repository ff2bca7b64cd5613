#!/usr/bin/env bash
# Measures everything but floods (eng/soak.sh does) and writes bench/RESULTS.md. Takes 10 to 14 minutes.
# Fails when a codec or machine allocates per message, or a message end to end allocates a byte on average.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly rounds=3 seconds=2
readonly kinds="udp-32 msp-32 udp-256 msp-256 udp-1200 msp-1200 msp-65536" # transport and size of a message
readonly results=bench/RESULTS.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dotnet build -c Release MsgNet.sln
dotnet bench/MsgNet.Benchmarks/bin/Release/net10.0/MsgNet.Benchmarks.dll \
    --filter '*' --job short --iterationCount 5 --iterationTime 150 --inProcess --artifacts "$work/micro"

# In virtual time: load does not change it.
dotnet bench/MsgNet.Benchmarks/bin/Release/net10.0/MsgNet.Benchmarks.dll links | tee "$work/links.md"

dotnet bench/MsgNet.Benchmarks/bin/Release/net10.0/MsgNet.Benchmarks.dll messi $seconds $rounds | tee "$work/messi.md"

# They take turns, so that a slow moment of the machine hits them alike.
for ((round = 0; round < rounds; round++)); do
    for kind in $kinds; do
        dotnet src/MsgNet.Cli/bin/Release/net10.0/MsgNet.Cli.dll bench --transport "${kind%-*}" --size "${kind#*-}" --seconds $seconds \
            --json | tee -a "$work/$kind.json"
    done
done

# median FILE FIELD
median() {
    sed -n "s/.*\"$2\":\([0-9.eE+-]*\).*/\1/p" "$1" | sort -g | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

under_attack=$(sed -n '/^## Under attack/,$p' "$results")

table() {
    sed -n '/^|/p' "$1" | sed 's/\*\*//g'
}

{
    echo "# Benchmark results"
    echo
    echo "Reproduce with \`eng/bench.sh\`, which writes this file. The machine is shared and noisy: figures are medians, and move by a factor of"
    echo "two between runs; compare only within one table."
    echo
    echo "- $(date -u +%Y-%m-%d), commit $(git rev-parse --short HEAD)"
    echo "- $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(uname -sr), load $(cut -d ' ' -f 1 /proc/loadavg) at the end"
    echo "- .NET $(dotnet --list-runtimes | sed -n 's/^Microsoft.NETCore.App \([^ ]*\).*/\1/p' | tail -n 1)"
    echo
    echo "## End to end over UDP"
    echo
    echo "Two processes on loopback, sealed, one sender; unreliable messages, and reliable ones over an unordered lane. CPU and allocation are those"
    echo "of both processes together, per message received. Median of $rounds runs of $seconds s, taking turns:"
    echo "\`msgnet bench --transport udp --size B --seconds $seconds\`, and \`--transport msp\`."
    echo "Each run warms up in turns of its length, until one adds less than 128 KiB at both ends, at most five: what lanes have under way grows to the"
    echo "most that the longest pause of a receiver let come together, and is kept. After that no message allocates; the fractions are what the runtime"
    echo "took meanwhile, and what was under way at once for the first time."
    echo
    echo "| Message [B] | Delivery | Messages/s | MB/s | CPU ns per message | Allocated bytes per message |"
    echo "|---:|:---|---:|---:|---:|---:|"
    for kind in $kinds; do
        file="$work/$kind.json"
        delivery=$(sed -n 's/.*"delivery":"\([a-z]*\)".*/\1/p' "$file" | head -n 1)
        printf "| %s | %s | %.0f | %.1f | %.0f | %.2f |\n" "${kind#*-}" "$delivery" "$(median "$file" messagesPerSecond)" \
            "$(median "$file" megabytesPerSecond)" "$(median "$file" cpuNanosecondsPerMessage)" "$(median "$file" allocatedBytesPerMessage)"
    done
    echo
    echo "## Through a narrow, lossy link"
    echo
    echo "The real hosts in the simulator: 100 Mbit/s, 20 ms one way, a queue of one round trip; reliable messages of 1,200 bytes for 10 s after the"
    echo "first 2 s. Goodput is bytes of messages, without any header, as a share of what the link carries. Queue is the time a datagram waits for"
    echo "the link. The same on every machine: \`dotnet run --project bench/MsgNet.Benchmarks -c Release -- links\`."
    echo
    cat "$work/links.md"
    echo
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
    cat "$work/messi.md"
    echo "## Parts"
    echo
    echo "BenchmarkDotNet, per operation, on one thread; \`-\` means no byte allocated. Handshakes and addresses are made once per peer, not per"
    echo "message, and are objects."
    for report in "$work"/micro/results/*-report-github.md; do
        name=$(basename "$report" -report-github.md)
        name=${name#MsgNet.Benchmarks.}
        echo
        echo "### ${name%Benchmarks}"
        echo
        table "$report"
    done
    if [[ -n "$under_attack" ]]; then
        printf '\n%s\n' "$under_attack"
    fi
} > "$results"

for report in "$work"/micro/results/*-report-github.md; do
    case "$report" in
        *Handshake* | *Identity*) continue ;;
    esac
    if table "$report" | tail -n +3 | awk -F '|' '$(NF - 1) !~ /^ *- *$/ { found = 1; print } END { exit !found }'; then
        echo "$report: these allocate." >&2
        exit 1
    fi
done

# What is allocated once weighs more on fewer, larger messages.
for kind in $kinds; do
    median "$work/$kind.json" allocatedBytesPerMessage | awk -v size="${kind#*-}" '{ exit $1 >= 1 + size / 1000 }' || {
        echo "Messages of $kind bytes allocate; see $results." >&2
        exit 1
    }
done
