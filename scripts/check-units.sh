#!/usr/bin/env bash
# The units of packaging/systemd: systemd accepts them, they leave their process as little as
# docs/security.md says, and altoamd needs no system call that they forbid.
# check-units.sh path/to/altoamd; needs systemd-analyze and strace.
set -euo pipefail
cd "$(dirname "$0")/.."
altoamd=$(realpath "${1:?usage: check-units.sh path/to/altoamd}")
most=15 # tenths, of systemd-analyze security
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for unit in packaging/systemd/*.service; do
  name=$(basename "$unit")
  sed "s|/usr/bin/altoamd|$altoamd|" "$unit" >"$work/$name"
  said=$(systemd-analyze verify --man=no "$work/$name" 2>&1 | grep -F "$name" || true)
  [ -z "$said" ] || { echo "$said"; exit 1; }
  systemd-analyze security --offline=true --no-pager --threshold=$most "$unit" >"$work/score" || { cat "$work/score"; exit 1; }
  echo "$name: $(tail -1 "$work/score")"
done

# What the filter of a unit permits, one call a line.
permitted() {
  local line not set
  sed -n 's/^SystemCallFilter=//p' "$1" | while read -r line; do
    not=+
    [ "${line#\~}" = "$line" ] || { not=-; line=${line#\~}; }
    for set in $line; do calls "$set" | sed "s/^/$not/"; done
  done | awk '/^[+]/ { on[substr($0, 2)] = 1 } /^-/ { delete on[substr($0, 2)] } END { for (x in on) print x }' | sort
}

# The calls of a set, with those of the sets in it.
calls() {
  case $1 in
    @*) systemd-analyze syscall-filter --no-pager "$1" | tail -n +2 | sed 's/^ *//' | grep -v '^#' | while read -r x; do calls "$x"; done ;;
    *) echo "$1" ;;
  esac
}

permitted packaging/systemd/altoamd.service >"$work/permitted"
[ "$(wc -l <"$work/permitted")" -gt 200 ] || { echo "the filter cannot be read"; exit 1; }

# What altoamd calls from its start to its end, with a commit between.
port=$((20000 + RANDOM % 10000))
sed "s/8080/$port/g" examples/full.json >"$work/seed.json"
ALTOAMD_ADMIN_PASSWORD=of-the-check strace -f -qq -c -o "$work/calls" "$altoamd" run --data-dir "$work/data" --seed "$work/seed.json" \
  --netconf-ssh 127.0.0.1:0 --restconf 127.0.0.1:0 --metrics 127.0.0.1:0 >"$work/ready" 2>"$work/log" &
agent=$!
for _ in $(seq 200); do [ -s "$work/ready" ] && break; sleep 0.1; done
[ -s "$work/ready" ] || { cat "$work/log"; exit 1; }
at=$(sed 's/.*"restconf":"\([^"]*\)".*/\1/' "$work/ready")
curl -sfk -u admin:of-the-check -X PATCH -H 'Content-Type: application/yang-data+json' "https://$at/restconf/data/ietf-system:system" \
  -d '{"ietf-system:system":{"contact":"the check"}}'
curl -sf "http://$(sed 's/.*"metrics":"\([^"]*\)".*/\1/' "$work/ready")/metrics" >"$work/metrics"
kill -TERM "$(pgrep -P $agent)"
wait $agent || { cat "$work/log"; exit 1; }
# The rows of strace's table; a line that begins with a process is not one.
awk '$1 ~ /^[0-9]+\.[0-9]+$/ && $NF ~ /^[a-z0-9_]+$/ && $NF != "total" { print $NF }' "$work/calls" | sort -u >"$work/used"
[ "$(wc -l <"$work/used")" -gt 30 ] || { echo "strace has seen too little"; cat "$work/calls"; exit 1; }
if forbidden=$(comm -23 "$work/used" "$work/permitted" | grep .); then
  echo "altoamd needs what SystemCallFilter= forbids:" $forbidden
  exit 1
fi
echo "all $(wc -l <"$work/used") system calls of altoamd are among the $(wc -l <"$work/permitted") permitted"
