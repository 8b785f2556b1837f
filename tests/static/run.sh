#!/usr/bin/env bash
# Static checks over engine/ and decoders/: tests/static/run.sh [cppcheck] [tidy] [analyzer]   (all three without a word)
# cppcheck, clang-tidy (.clang-tidy) and gcc -fanalyzer; a finding fails. What is passed over stands in cppcheck.txt or each.py, with the reason.
# Minutes each, so on request; last figures in docs/reliability.md. BUILD: a build folder with compile_commands.json. MINUTES, JOBS: of the latter two, how long and how many at once.
set -u
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
failed=0
say() { printf '== %s\n' "$*"; }

cppcheck_all() {
  say "cppcheck $(cppcheck --version | cut -d' ' -f2)"
  cppcheck --enable=warning,performance,portability --std=c11 --quiet --suppressions-list=tests/static/cppcheck.txt -I include -I engine -I . \
    --template='{file}:{line}: {id}: {message}' --error-exitcode=1 engine decoders
}

# A run that is ended goes on where it was (each.py); MINUTES ends it, status 2 then.
tidy() {
  say "clang-tidy $(clang-tidy --version | sed -n 's/.*version //p')"
  tests/static/each.py tidy "$BUILD" ${MINUTES:-}
}
analyzer() {
  say "gcc -fanalyzer $(gcc -dumpfullversion)"
  tests/static/each.py analyzer "$BUILD" ${MINUTES:-}
}

[ -f "$BUILD/compile_commands.json" ] || cmake -S . -B "$BUILD" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
for part in "${@:-cppcheck tidy analyzer}"; do
  for one in $part; do
    case $one in cppcheck) cppcheck_all ;; tidy) tidy ;; analyzer) analyzer ;; *) echo "static: no such part: $one"; exit 2 ;; esac
    case $? in 0) echo "$one: clean" ;; 2) echo "$one: not through"; failed=1 ;; *) echo "$one: FINDINGS"; failed=1 ;; esac
  done
done
exit $failed
