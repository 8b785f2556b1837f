#!/usr/bin/env bash
# run.sh [SECONDS] [TARGET…]: builds the fuzz targets (clang, ASan+UBSan) and runs each for so long (60) on its corpus under
# build-fuzz/corpus, which stays from run to run. A target that crashes leaves its input in build-fuzz and fails the run: mend it, with a unit test.
# Not part of CI: it takes a minute each.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}; shift || true
# only once: naming the compiler again, by another path, would throw the other settings away
[ -f build-fuzz/build.ninja ] || cmake -S . -B build-fuzz -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang -DTOC_FUZZ=ON >/dev/null
targets=${*:-$(ls tests/fuzz/fuzz_*.c | sed 's|.*/||; s|\.c$||')}
ninja -C build-fuzz $targets >/dev/null
. tests/fuzz/seeds.sh
failed=0
for t in $targets; do
  corpus=build-fuzz/corpus/$t; mkdir -p "$corpus"; seeds "$t" "$corpus"
  if build-fuzz/tests/$t -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="build-fuzz/$t-" "$corpus" >build-fuzz/$t.log 2>&1; then
    echo "$t: $(grep -aE 'DONE' build-fuzz/$t.log | tail -1 | sed 's/.*cov: //')"
  else
    echo "$t: FAILED"; tail -30 build-fuzz/$t.log; failed=1
  fi
done
exit $failed
