#!/usr/bin/env bash
# Real clients against the real binary: run.sh path/to/altoamd [case…].
# Each case is a Python script that starts agents of its own on free loopback
# ports with a fresh data folder, and fails with a message.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export ALTOAMD=${1:?usage: run.sh path/to/altoamd [case…]}
ALTOAMD=$(cd "$(dirname "$ALTOAMD")" && pwd)/$(basename "$ALTOAMD")
shift
cases=("$@")
[ ${#cases[@]} -gt 0 ] || cases=("$here"/case_*.py)
passed=0 failed=0
for case in "${cases[@]}"; do
  name=$(basename "$case" .py)
  if timeout 300 /usr/bin/python3 "$here/$name.py"; then
    passed=$((passed + 1)); echo "ok   $name"
  else
    failed=$((failed + 1)); echo "FAIL $name"
  fi
done
echo "interop: $passed passed, $failed failed"
[ "$failed" = 0 ]
