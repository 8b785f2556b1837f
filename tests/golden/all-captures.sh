#!/usr/bin/env bash
# all-captures.sh [TOCSIN] [FOLDER…]: every capture under the folders (../shared/conformance and ../shared/corpora) through the
# whole path, by default with the sanitizers' build. Fails on a crash, a leak, a report, a hang of 60 s, and where one that cannot be read
# to its end is not told by exactly one line that names it. Not part of CI; the last figures are in docs/reliability.md, T1. Times are of the CPU: user and system, the start of the program (0.7 s with ASan) included.
set -u
cd "$(dirname "$0")/../.."
tocsin=${1:-build-asan/tocsin}; shift || true
[ $# -gt 0 ] || set -- ../shared/conformance ../shared/corpora
export ASAN_OPTIONS=exitcode=99:detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:exitcode=99
[ -x "$tocsin" ] || { echo "all-captures: there is no $tocsin; build it first"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%U %S'
n=0 failed=0 unread=0
while IFS= read -r -d '' file; do
  case "$(head -c 4 "$file" | od -An -tx1 | tr -d ' ')" in d4c3b2a1|a1b2c3d4|4d3cb2a1|a1b23c4d|0a0d0d0a) ;; *) continue;; esac
  n=$((n + 1))
  { time timeout 60 "$tocsin" replay --no-rules --events "$file" >/dev/null 2>"$work/words"; status=$?; } 2>"$work/time"
  # 0 read, 1 broken off or refused, 3 a link type that is not read
  case $status in 0|1|3) ;; *) failed=$((failed + 1)); echo "$file: status $status"; tail -25 "$work/words";; esac
  [ $status = 0 ] || unread=$((unread + 1))
  told=$(grep -cF "tocsin: $file: " "$work/words")
  case $status/$told in 0/*|1/1|3/1) ;; *) failed=$((failed + 1)); echo "$file: status $status, told by $told lines"; tail -25 "$work/words";; esac
  echo "$(stat -c %s "$file") $(cat "$work/time") $file" >>"$work/all"
done < <(find "$@" -type f -print0 | sort -z)
[ $n = 0 ] || awk '{ s = $2 + $3; bytes += $1; all += s
  if (s > most) { most = s; longest = $4 }
  if ($1 >= 1e6 && s / $1 * 1e6 > slow) { slow = s / $1 * 1e6; slowest = $4 } }
  END { printf "%.0f MB in %.0f s; longest %.1f s: %s; of those of 1 MB and more the slowest %.1f s/MB: %s\n",
    bytes / 1e6, all, most, longest, slow, slowest }' "$work/all"
echo "$n captures, $unread of them not read to their end, each told by one line; $failed failed"
[ "$failed" -eq 0 ]
