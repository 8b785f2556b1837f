#!/usr/bin/env bash
# run.sh [SECONDS] [TARGET…]: builds the fuzz targets (clang, ASan+UBSan) and runs each for so long (60) on its corpus under
# build-fuzz/corpus, which stays from run to run; it begins with seeds.sh and with what is kept (kept/TARGET.txt). A target that crashes leaves its input in build-fuzz
# and fails the run: mend it, with a unit test, and keep the input (keep.py add). KEEP=1: of what a target has found, the few small inputs that reach most are kept
# instead of those before. What is kept is played in CI without a fuzzer (fuzz.replay); this here takes a minute each, so it is on request.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}; shift || true
# only once: naming the compiler again, by another path, would throw the other settings away
[ -f build-fuzz/build.ninja ] || cmake -S . -B build-fuzz -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang -DTOC_FUZZ=ON >/dev/null
targets=${*:-$(ls tests/fuzz/fuzz_*.c | sed 's|.*/||; s|\.c$||')}
ninja -C build-fuzz $targets >/dev/null
. tests/fuzz/seeds.sh
export TOC_FUZZ_WORDS=1 # fuzz_tls_server leaves stderr open: what the fuzzer says and a report goes there

keep() { # target, corpus
  local least=build-fuzz/least/$1
  rm -rf "$least"; mkdir -p "$least"
  build-fuzz/tests/$1 -merge=1 -timeout=10 -rss_limit_mb=2048 -max_len=1200 "$least" "$2" >>build-fuzz/$1.log 2>&1
  tests/fuzz/keep.py merged "$1" "$least"
}

failed=0
for t in $targets; do
  corpus=build-fuzz/corpus/$t; mkdir -p "$corpus"; seeds "$t" "$corpus"; tests/fuzz/keep.py write "$t" "$corpus"
  if build-fuzz/tests/$t -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="build-fuzz/$t-" "$corpus" >build-fuzz/$t.log 2>&1; then
    echo "$t: $(grep -aE 'DONE' build-fuzz/$t.log | tail -1 | sed 's/.*cov: /cov /; s/ lim:.*exec/ exec/; s/ rss.*//')"
    [ -z "${KEEP:-}" ] || keep "$t" "$corpus"
  else
    echo "$t: FAILED"; tail -30 build-fuzz/$t.log; failed=1
  fi
done
exit $failed
