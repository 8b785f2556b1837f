#!/usr/bin/env bash
# workers.sh FILE.pcap: two workers against one, `replay --no-rules --events`, five times in turn: wall seconds and CPU seconds, the least of each, and
# whether both print the same. RUN="chrt -f 40" (root; seconds only) puts them before other programs; with fewer than two idle cores wall time says nothing.
set -eu
file=${1:?FILE.pcap}; tocsin=${TOCSIN:-build/tocsin}
exec python3 - "$tocsin" "$file" ${RUN:-} <<'PY'
import hashlib, os, subprocess, sys, time
tocsin, file, *run = sys.argv[1:]
words = [*run, tocsin, "replay", "--quiet", "--no-rules", "--events", file, "--workers"]
def once(workers):
    began = time.monotonic()
    pid = subprocess.Popen([*words, workers], stdout=subprocess.DEVNULL)
    _, status, use = os.wait4(pid.pid, 0)
    if status: sys.exit("%s workers ended with %d" % (workers, status))
    return time.monotonic() - began, use.ru_utime + use.ru_stime
def digest(workers):
    out = subprocess.Popen([*words, workers], stdout=subprocess.PIPE)
    return hashlib.file_digest(out.stdout, "sha256").hexdigest()
if digest("1") != digest("2"): sys.exit("two workers print other events than one")
one, two = zip(*[(once("1"), once("2")) for _ in range(5)])
(wall1, cpu1), (wall2, cpu2) = [[min(column) for column in zip(*rows)] for rows in (one, two)]
print("1 worker: %.2f s wall, %.2f s CPU; 2: %.2f s wall (%.2f), %.2f s CPU (%.2f); same events" % (wall1, cpu1, wall2, wall2 / wall1, cpu2, cpu2 / cpu1))
PY
