#!/usr/bin/env bash
# Installs what is missing, builds once, runs every test in Release. The closing line is "N passed, N failed, N skipped".
# Arguments go to `dotnet test`, for instance: eng/test.sh --filter FullyQualifiedName~EndToEnd
set -euo pipefail

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
cd -- "$root"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

./eng/install.sh --tests
dotnet build MsgNet.sln -c Release -v quiet

results="$(mktemp -d)"
trap 'rm -rf -- "$results"' EXIT

run_project() {
    local project="$1" name
    shift
    name="$(basename -- "$project" .csproj)"
    if dotnet test "$project" -c Release --no-build --results-directory "$results" --logger "trx;LogFileName=$name.trx" "$@" >"$results/$name.log" 2>&1; then
        echo "$name: passed"
    else
        touch "$results/$name.failed"
        echo "$name: FAILED"
        cat -- "$results/$name.log"
    fi
}

# Two projects at a time.
projects=(tests/*/*.csproj)
for project in "${projects[@]}"; do
    while (($(jobs -rp | wc -l) >= 2)); do
        wait -n || true
    done
    run_project "$project" "$@" &
done
wait

# The counters of a .trx: <Counters total="3" executed="2" passed="2" failed="0" error="0" …/>; what was not executed was skipped.
passed=0 failed=0 skipped=0
for project in "${projects[@]}"; do
    name="$(basename -- "$project" .csproj)"
    counters="$(grep -o '<Counters [^>]*' "$results/$name.trx" 2>/dev/null || true)"
    if [[ ! "$counters" =~ total=\"([0-9]+)\"\ executed=\"([0-9]+)\"\ passed=\"([0-9]+)\" ]]; then
        echo "$name left no result; its log is above." >&2
        touch "$results/$name.failed"
        failed=$((failed + 1))
        continue
    fi
    passed=$((passed + BASH_REMATCH[3]))
    failed=$((failed + BASH_REMATCH[2] - BASH_REMATCH[3]))
    skipped=$((skipped + BASH_REMATCH[1] - BASH_REMATCH[2]))
done

code=0
compgen -G "$results/*.failed" >/dev/null && code=1
((failed == 0)) || code=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$code"
