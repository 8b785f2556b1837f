#!/usr/bin/env bash
# run.sh T2 [T4 …]: the long forms of reliability tests, with the programs of build-asan (BUILD=build for the release build). Each prints
# its figure, the one it must reach and the conservation check, and fails when it falls short. ctest runs the short forms
# (`ctest -R '^reliability'`). docs/reliability.md has the last figures.
set -u
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build-asan}
export TOCSIN=${TOCSIN:-$PWD/$BUILD/tocsin}
[ $# -gt 0 ] || { sed -n '2,4s/^# //p' "$0"; ls tests/reliability/t*.test | sed 's|.*/t0*|T|; s|\.test||' | xargs; exit 2; }
failed=0
for test in "$@"; do
  script=tests/reliability/t$(printf '%02d' "${test#[Tt]}").test
  [ -x "$script" ] || { echo "$test: there is no $script"; failed=1; continue; }
  "$script" --long || failed=1
done
exit $failed
