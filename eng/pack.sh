#!/usr/bin/env bash
# Packs MsgNet.Core, MsgNet, MsgNet.Simulation, MsgNet.Messi and the tool MsgNet.Cli into ./artifacts.
# Arguments go to `dotnet pack`, for instance: eng/pack.sh --no-build --output /tmp/packages
set -euo pipefail

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
exec dotnet pack "$root/eng/packages.slnf" -c "${CONFIGURATION:-Release}" -v quiet "$@"
