#!/usr/bin/env bash
# replay.sh FILE.pcap: CPU of `replay --no-rules --events` over that of tcpdump, both in this run, best of three; peak memory.
set -eu
file=${1:?FILE.pcap}; tocsin=${TOCSIN:-build/tocsin}
exec python3 - "$tocsin" "$file" <<'PY'
import os, resource, subprocess, sys
def cpu(*argv):
    best, peak = None, 0
    for _ in range(3):
        pid = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, use = os.wait4(pid.pid, 0)
        if status: sys.exit("%s ended with %d" % (argv[0], status))
        best = min(best or 1e9, use.ru_utime + use.ru_stime); peak = max(peak, use.ru_maxrss)
    return best, peak
ours, peak = cpu(sys.argv[1], "replay", "--quiet", "--no-rules", "--events", sys.argv[2])
floor, _ = cpu("tcpdump", "-r", sys.argv[2], "-w", "/dev/null")
print("tocsin %.2f s, tcpdump %.2f s: %.1f x; peak %d MB" % (ours, floor, ours / floor, peak // 1024))
PY
