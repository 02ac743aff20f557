#!/usr/bin/env bash
# The corpus of valid and invalid modules (yang/testdata/corpus) judged by
# yanglint, too: fails where its verdict is not the one recorded there.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v yanglint >/dev/null || { echo "no yanglint: apt-get install libyang2-tools" >&2; exit 1; }
go test ./yang -count=1 -run '^TestCorpus$' -yanglint yanglint
echo "yanglint judges $(grep -hE '^-- [^ /]+/[^ /]+\.yang --$' yang/testdata/corpus/*.txtar | cut -d/ -f1 | sort | wc -l) modules of the corpus as recorded"
