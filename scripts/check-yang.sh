#!/usr/bin/env bash
# Our YANG modules against yanglint, and against the published facts where the
# checker lies beside the repository (../shared/yang-facts).
set -euo pipefail
cd "$(dirname "$0")/.."
paths=(-p yang/modules/ietf -p yang/modules/iana -p yang/modules/altoam)
for dir in agent/drivers/*/; do
  ls "$dir"/*.yang >/dev/null 2>&1 && paths+=(-p "$dir")
done

# ietf-tls-common first: features of ietf-tls-server depend on it, and yanglint
# turns on only those of modules that are named.
modules=(yang/modules/ietf/ietf-tls-common@*.yang yang/modules/ietf/*.yang yang/modules/iana/*.yang
  yang/modules/altoam/*.yang agent/drivers/*/*.yang)
yanglint "${paths[@]}" "${modules[@]}" 2>&1 | tee /tmp/yanglint.$$ | grep -v 'confirm-event' || true
if grep -q 'libyang err' "/tmp/yanglint.$$"; then
  echo "yanglint refuses a module" >&2
  exit 1
fi
rm -f "/tmp/yanglint.$$"
echo "yanglint accepts ${#modules[@]} modules"

# The examples, judged by another implementation with the features altoamd has on.
on=(-F ietf-alto:alto-client,alto-server,cdni,cost-calendar,http-listen,incr-update,multi-cost,path-vector,performance-metrics,propmap,xdom-disc)
for file in yang/modules/ietf/ietf-{tcp,tls}-{common,server}@*.yang yang/modules/ietf/ietf-http-server@*.yang \
  yang/modules/ietf/ietf-{crypto-types,keystore,truststore}@*.yang yang/modules/iana/iana-crypt-hash@*.yang; do
  name=$(basename "$file")
  on+=(-F "${name%%@*}:$(sed -nE 's/^  feature ([a-z0-9-]+).*/\1/p' "$file" | paste -sd,)")
done
implemented=(yang/modules/ietf/ietf-{tls-common,tcp-common,tcp-server,crypto-types,tls-server,http-server,keystore,truststore}@*.yang
  yang/modules/ietf/ietf-alto@*.yang yang/modules/ietf/ietf-alto-stats@*.yang
  yang/modules/altoam/altoam-{access,calendar,cost-metric,deviations,logging,path-vector,propmap,source,tips,update-stream}@*.yang
  agent/drivers/*/*.yang)
for example in examples/*.json; do
  yanglint "${on[@]}" "${paths[@]}" -t config "${implemented[@]}" "$example" 2>/tmp/yanglint.$$ || {
    cat /tmp/yanglint.$$ >&2; echo "yanglint refuses $example" >&2; exit 1; }
done
rm -f /tmp/yanglint.$$
echo "yanglint accepts the examples"

facts=../shared/yang-facts
[ -d "$facts" ] || { echo "no $facts: the copy in yang/testdata/facts is checked by the Go tests"; exit 0; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
roots=()
for file in "$facts"/facts/*.facts; do
  name=$(basename "$file" .facts)
  compgen -G "yang/modules/i*/$name@*.yang" >/dev/null || { echo "$name has facts but no module" >&2; exit 1; }
  roots+=("$name")
done
"$facts/schema-facts" emit -p yang/modules/ietf -p yang/modules/iana --split "$out" "${roots[@]}"
"$facts/schema-facts" diff "$facts/facts" "$out" || { echo "modules differ from their facts" >&2; exit 1; }
for name in "${roots[@]}"; do
  cmp -s "$facts/facts/$name.facts" "yang/testdata/facts/$name.facts" || {
    echo "yang/testdata/facts/$name.facts is not the published one" >&2; exit 1; }
done
echo "the facts of ${#roots[@]} modules show no difference"
