#!/usr/bin/env bash
# Measures everything but floods (eng/soak.sh does) and writes bench/RESULTS.md. Takes less than 10 minutes.
# Fails when a codec or machine allocates per message, or a message end to end allocates a byte on average.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly rounds=3 seconds=2 sizes="32 256 1200"
readonly results=bench/RESULTS.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dotnet build -c Release MsgNet.sln
dotnet bench/MsgNet.Benchmarks/bin/Release/net10.0/MsgNet.Benchmarks.dll \
    --filter '*' --job short --iterationCount 5 --iterationTime 150 --inProcess --artifacts "$work/micro"

# Sizes take turns, so that a slow moment of the machine hits them alike.
for ((round = 0; round < rounds; round++)); do
    for size in $sizes; do
        dotnet src/MsgNet.Cli/bin/Release/net10.0/MsgNet.Cli.dll bench --transport udp --size "$size" --seconds $seconds --json |
            tee -a "$work/udp-$size.json"
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
    echo "Two processes on loopback, sealed, unreliable messages, one sender; CPU and allocation are those of both processes together, per message"
    echo "received. Median of $rounds runs of $seconds s, the sizes taking turns: \`msgnet bench --transport udp --size B --seconds $seconds\`."
    echo "No message allocates; the fractions are what the runtime and growing queues took once, spread over the run's messages."
    echo
    echo "| Message [B] | Messages/s | CPU ns per message | Allocated bytes per message |"
    echo "|---:|---:|---:|---:|"
    for size in $sizes; do
        file="$work/udp-$size.json"
        printf "| %s | %.0f | %.0f | %.2f |\n" "$size" "$(median "$file" messagesPerSecond)" \
            "$(median "$file" cpuNanosecondsPerMessage)" "$(median "$file" allocatedBytesPerMessage)"
    done
    echo
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

for size in $sizes; do
    median "$work/udp-$size.json" allocatedBytesPerMessage | awk '{ exit $1 >= 1 }' || {
        echo "Messages of $size bytes allocate; see $results." >&2
        exit 1
    }
done
