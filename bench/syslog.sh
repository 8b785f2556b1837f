#!/usr/bin/env bash
# syslog.sh LINES.log: lines a CPU second through `replay --no-rules --events`, printed to /dev/null; alerts of the ssh rule.
set -eu
file=${1:?LINES.log}; tocsin=${TOCSIN:-build/tocsin}
python3 - "$tocsin" "$file" <<'PY'
import os, subprocess, sys
best = 1e9
for _ in range(3):
    p = subprocess.Popen([sys.argv[1], "replay", "--quiet", "--no-rules", "--events", sys.argv[2]], stdout=subprocess.DEVNULL)
    _, _, use = os.wait4(p.pid, 0)
    best = min(best, use.ru_utime + use.ru_stime)
lines = sum(1 for _ in open(sys.argv[2], "rb"))
print("%d lines in %.2f CPU s: %d lines a CPU second" % (lines, best, lines / best))
PY
"$tocsin" replay --quiet "$file" | grep '"state":"open"' | grep -c '"Suspected guessing of SSH passwords from one source"' | sed 's/$/ alerts of the ssh rule/'
