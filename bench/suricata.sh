#!/usr/bin/env bash
# suricata.sh FILE.pcap: packets a CPU second (user+sys) of `replay --no-rules --events` and of Suricata without rules, with its default logs and with memcaps at which it loses
# nothing, in turn in the same minutes, and the median of the ratios of ROUNDS (3) pairs. CHROOT: a folder that has Suricata 7 (a debootstrapped trixie); needs root then.
set -eu
file=${1:?FILE.pcap}
exec python3 - "${TOCSIN:-build/tocsin}" "$file" "${ROUNDS:-3}" "${CHROOT:-/}" <<'PY'
import os, resource, shutil, statistics, subprocess, sys, tempfile
tocsin, capture, rounds, root = sys.argv[1], sys.argv[2], int(sys.argv[3]), os.path.realpath(sys.argv[4])
caps = {"stream.memcap": "1gb", "stream.reassembly.memcap": "2gb", "flow.memcap": "1gb", "defrag.memcap": "256mb", "app-layer.protocols.http.memcap": "1gb", "host.memcap": "256mb"}
def cpu(argv, **more):
    pid = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    _, status, use = os.wait4(pid.pid, 0)
    if status: sys.exit("%s ended with %d" % (argv[0], status))
    return use.ru_utime + use.ru_stime
def suricata(work):
    inside = work[len(root.rstrip("/")):]
    argv = ["suricata", "--runmode", "single", "-c", "/etc/suricata/suricata.yaml", "-S", "/dev/null", "-r", inside + "/capture", "-l", inside]
    for name, value in caps.items(): argv += ["--set", "%s=%s" % (name, value)]
    for log in os.listdir(work):
        if log != "capture": os.unlink(work + "/" + log)
    return cpu(argv if root == "/" else ["chroot", root, *argv])
work = tempfile.mkdtemp(prefix="tocsin-peer.", dir=root + "/var/tmp")
try:
    shutil.copy(capture, work + "/capture")
    said = subprocess.run(["tcpdump", "-r", capture, "--count"], capture_output=True, text=True).stdout
    packets, ratios = int(said.split()[0]), []
    for i in range(rounds):
        ours = cpu([tocsin, "replay", "--quiet", "--no-rules", "--events", capture])
        theirs = suricata(work)
        floor = cpu(["tcpdump", "-r", capture, "-w", "/dev/null"])
        ratios.append(theirs / ours)
        print("tocsin %.2f s (%.0f packets a CPU s), Suricata %.2f s (%.0f), tcpdump %.2f s: %.1f times Suricata, %.1f of tcpdump" % (ours, packets / ours, theirs, packets / theirs, floor, theirs / ours, ours / floor), flush=True)
    print("median %.1f times Suricata's packets a CPU second" % statistics.median(ratios))
finally:
    shutil.rmtree(work)
PY
