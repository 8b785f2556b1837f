#!/usr/bin/env bash
# match.sh [all|wire]: events a CPU second through match and correlate. `all`: every live rule of SigmaHQ on events made from its
# regression tests, one in a hundred hitting. `wire CAPTURE LINES.log`: the rules that packets and logs without Windows serve.
# Rules and events come from ../shared; a temporary folder holds what is unpacked and made.
set -eu
which=${1:-all}; build=${BUILD:-build}; shared=../shared/conformance/sigma
[ -r $shared/sigmahq-rules.tar.gz ] || { echo "needs ../shared/conformance/sigma"; exit 77; }
work=${KEEP:-$(mktemp -d)}; [ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT # KEEP=FOLDER: an empty one, which stays
mkdir "$work/sigma" "$work/cache"
tar xzf $shared/sigmahq-rules.tar.gz -C "$work/sigma"
python3 bench/match_events.py "$which" "$work" "$shared" >"$work/lines"
rules=(); while read -r path; do rules+=(--rules "$path"); done <"$work/rules"
bench=("$build/bench/bench_match" -c "$work/tocsin.yml" "${rules[@]}")
replay=("$build/tocsin" replay --quiet --no-rules --events)
if [ "$which" = all ]; then
  "${replay[@]}" "$work/lines" >"$work/events"
  "${bench[@]}" --load; "${bench[@]}" --load --cache "$work/cache"; "${bench[@]}" --load --cache "$work/cache"
  "${bench[@]}" --hits 10 "$work/events"
else
  # the two streams in turn, a hundred lines each
  "${replay[@]}" "${2:?CAPTURE}" | head -400000 >"$work/wire" || true
  head -400000 "${3:?LINES.log}" | "${replay[@]}" - >"$work/log"
  python3 - "$work/wire" "$work/log" >"$work/events" <<'PY'
import itertools, sys
files = [open(f) for f in sys.argv[1:]]
while True:
    block = [list(itertools.islice(f, 100)) for f in files]
    if not all(block):
        break
    for lines in block:
        sys.stdout.writelines(lines)
PY
  "${bench[@]}" "$work/events"
fi
