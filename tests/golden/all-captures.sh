#!/usr/bin/env bash
# all-captures.sh [TOCSIN] [FOLDER…]: every file under the folders (../shared/conformance and ../shared/corpora) through the
# whole path, by default with the sanitizers' build. Fails on a crash, a leak, a report, a hang of 60 s. Not part of CI.
set -u
cd "$(dirname "$0")/../.."
tocsin=${1:-build-asan/tocsin}; shift || true
[ $# -gt 0 ] || set -- ../shared/conformance ../shared/corpora
export ASAN_OPTIONS=exitcode=99:detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:exitcode=99
[ -x "$tocsin" ] || { echo "all-captures: there is no $tocsin; build it first"; exit 2; }
n=0 failed=0
while IFS= read -r -d '' file; do
  case "$(head -c 4 "$file" | od -An -tx1 | tr -d ' ')" in d4c3b2a1|a1b2c3d4|4d3cb2a1|a1b23c4d|0a0d0d0a) ;; *) continue;; esac
  n=$((n + 1))
  timeout 60 "$tocsin" replay --no-rules --events "$file" >/dev/null 2>/tmp/all-captures.$$
  status=$?
  # 0 read, 1 broken off or refused, 3 a link type that is not read
  case $status in 0|1|3) ;; *) failed=$((failed + 1)); echo "$file: status $status"; tail -5 /tmp/all-captures.$$;; esac
done < <(find "$@" -type f -print0)
rm -f /tmp/all-captures.$$
echo "$n captures, $failed failed"
[ "$failed" -eq 0 ]
