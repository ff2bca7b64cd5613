#!/usr/bin/env bash
# Installs what is missing, builds, and shows the main job: two processes exchange sealed messages and replies over UDP, then the same
# stack runs in the simulator with every fifth datagram lost. Ends by itself.
set -euo pipefail

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
msgnet="$root/eng/msgnet"
protocol=/demo/1.0.0

"$root/eng/install.sh"
dotnet build "$root/src/MsgNet.Cli/MsgNet.Cli.csproj" -c Release -v quiet

work="$(mktemp -d)"
listener=
clean_up() {
    if [[ -n "$listener" ]]; then
        kill -TERM "$listener" 2>/dev/null || true
        wait "$listener" 2>/dev/null || true
    fi
    rm -rf -- "$work"
}
trap clean_up EXIT

title() {
    printf '\n== %s\n' "$1"
}

title "A listener on UDP, in a process of its own: it prints what arrives and answers with the same bytes"
"$msgnet" listen --protocol "$protocol" --echo --count 4 --timeout 60s --listen /ip4/127.0.0.1/udp/0 >"$work/listen" &
listener=$!
for _ in $(seq 300); do
    grep -q '^listening on ' "$work/listen" && break
    kill -0 "$listener"
    sleep 0.1
done
address="$(sed -n 's/^listening on //p' "$work/listen" | head -n 1)"
echo "listening on $address"

title "A second process sends three sealed requests and prints the replies"
printf 'hello\nsealed from the first packet\nand answered\n' | "$msgnet" send "$address" "$protocol" - --request

title "A third process sends one message and asks for nothing"
"$msgnet" send "$address" "$protocol" --message "no reply needed"

title "What the listener saw, and from whom"
wait "$listener"
listener=
grep -v '^listening on ' "$work/listen"

title "The same stack in the simulator: 20 % of all datagrams lost, the same run every time"
"$msgnet" sim --nodes 2 --messages 1000 --loss 20% --seed 7

title "Done: messages and replies went both ways between processes, and the simulator ran."
