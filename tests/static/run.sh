#!/usr/bin/env bash
# Static checks over engine/ and decoders/: tests/static/run.sh [cppcheck] [tidy] [analyzer]   (all three without a word)
# cppcheck, clang-tidy (.clang-tidy) and gcc -fanalyzer; a finding fails. What is passed over stands in cppcheck.txt or below, with the reason.
# Minutes each, so on request; last figures in docs/reliability.md. BUILD: a build folder with compile_commands.json.
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

# Every source as the build compiles it.
sources() { python3 -c '
import json, sys
for c in json.load(open(sys.argv[1] + "/compile_commands.json")):
    if "/engine/" in c["file"] or "/decoders/" in c["file"]: print(c["file"])' "$BUILD" | sort -u; }

tidy() {
  say "clang-tidy $(clang-tidy --version | sed -n 's/.*version //p')"
  sources | xargs -P "$(nproc)" -n 8 clang-tidy -p "$BUILD" --quiet 2>/dev/null | grep -E '(warning|error):' | sort -u | tee /dev/stderr | wc -l | grep -qx 0
}

# gcc's analyser loses track of who owns what is kept in a table (leaks) and of what an arena zeroed (uninitialized values): these two are off;
# ASan and valgrind's memcheck watch over them.
analyzer() {
  say "gcc -fanalyzer $(gcc -dumpfullversion)"
  python3 - "$BUILD" <<'PY' | xargs -P "$(nproc)" -I{} sh -c '{}' 2>&1 | grep -E 'Wanalyzer' | sort -u | tee /dev/stderr | wc -l | grep -qx 0
import json, re, sys
for c in json.load(open(sys.argv[1] + '/compile_commands.json')):
    if '/engine/' in c['file'] or '/decoders/' in c['file']:
        command = re.sub(r' -o \S+', ' -o /dev/null', c['command']).replace('ccache ', '').replace(' -Werror', '')
        print(f'{command} -fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-file-leak -Wno-analyzer-use-of-uninitialized-value'.replace('"', r'\"'))
PY
}

[ -f "$BUILD/compile_commands.json" ] || cmake -S . -B "$BUILD" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
for part in "${@:-cppcheck tidy analyzer}"; do
  for one in $part; do
    case $one in cppcheck) cppcheck_all ;; tidy) tidy ;; analyzer) analyzer ;; *) echo "static: no such part: $one"; exit 2 ;; esac
    if [ $? = 0 ]; then echo "$one: clean"; else echo "$one: FINDINGS"; failed=1; fi
  done
done
exit $failed
