#!/usr/bin/env bash
# Real clients against the real binary: [JOBS=n] run.sh path/to/altoamd [case…].
# Each case is a Python script that starts agents of its own on free loopback
# ports with a fresh data folder, and fails with a message. JOBS cases run at a
# time, and after them one by one those that say "# Runs alone"; what a case
# prints stays together. A case that fails is not tried again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export ALTOAMD=${1:?usage: run.sh path/to/altoamd [case…]}
ALTOAMD=$(cd "$(dirname "$ALTOAMD")" && pwd)/$(basename "$ALTOAMD")
shift
cases=("$@")
[ ${#cases[@]} -gt 0 ] || cases=("$here"/case_*.py)
said=$(mktemp -d)
declare -A running=() took=() failed=()
passed=0
trap 'rm -rf "$said"; [ ${#running[@]} = 0 ] || kill "${!running[@]}"' EXIT

# Waits for one of the cases that run, and prints what it said.
finish() {
  local pid status=0
  wait -n -p pid || status=$?
  local name=${running[$pid]}
  unset "running[$pid]"
  cat "$said/$name"
  if [ "$status" = 0 ]; then
    passed=$((passed + 1)); echo "ok   $name (${took[$name]}–${SECONDS}s)"
  else
    failed[$name]=$status; echo "FAIL $name: status $status (${took[$name]}–${SECONDS}s)"
  fi
}

# Runs the cases that are named, at most the first argument's number at a time.
run() {
  local jobs=$1 name
  shift
  for name in "$@"; do
    [ ${#running[@]} -lt "$jobs" ] || finish
    took[$name]=$SECONDS
    timeout 300 /usr/bin/python3 "$here/$name.py" >"$said/$name" 2>&1 &
    running[$!]=$name
  done
  while [ ${#running[@]} -gt 0 ]; do finish; done
}

together=() alone=()
for case in "${cases[@]}"; do
  name=$(basename "$case" .py)
  if grep -q '^# Runs alone' "$here/$name.py"; then alone+=("$name"); else together+=("$name"); fi
done
run "${JOBS:-2}" "${together[@]}"
run 1 "${alone[@]}"
echo "interop: $passed passed, ${#failed[@]} failed"
for case in "${cases[@]}"; do
  name=$(basename "$case" .py)
  [ -z "${failed[$name]:-}" ] || echo "FAIL $name"
done
[ ${#failed[@]} = 0 ]
