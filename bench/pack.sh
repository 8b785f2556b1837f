#!/usr/bin/env bash
# pack.sh CAPTURE [CUT]: what the shipped rules cost over the same run without them, in CPU seconds (best of RUNS, 3) and, over a cut
# of whole flows (about CUT MB, 60), in instructions by callgrind. Loading is left out of both: an empty capture is taken off.
# MOST=25: exit status 1 when the instructions are more than so many per cent above.
set -eu
file=${1:?CAPTURE}; cut=${2:-60}; tocsin=${TOCSIN:-build/tocsin}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
head -c 24 "$file" >"$work/empty.pcap"
python3 - "$file" "$work/cut.pcap" "$cut" <<'PY'
import os, struct, sys, zlib
# a pair of addresses goes whole or not at all; frames without IPv4 all go
path, out, mb = sys.argv[1], sys.argv[2], int(sys.argv[3])
share = max(1, round(os.path.getsize(path) / 1e6 / mb))
with open(path, "rb") as f, open(out, "wb") as to:
    head = f.read(24)
    order = "<" if head[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    to.write(head)
    while len(h := f.read(16)) == 16:
        frame = f.read(struct.unpack(order + "I", h[8:12])[0])
        if frame[12:14] == b"\x08\x00":
            a, b = frame[26:30], frame[30:34]
            if zlib.crc32(min(a, b) + max(a, b)) % share:
                continue
        to.write(h + frame)
PY
exec python3 - "$tocsin" "$file" "$work" <<'PY'
import os, re, subprocess, sys
tocsin, file, work = sys.argv[1:4]
RULES = {"without": ["--no-rules"], "with": []}
def argv(rules, capture):
    return [tocsin, "replay", "--quiet", *RULES[rules], capture]
def run(args, **more):
    p = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
    said = p.stderr.read().decode()
    _, status, use = os.wait4(p.pid, 0)
    if status: sys.exit(" ".join(args) + " failed: " + said)
    return use.ru_utime + use.ru_stime, said
def seconds(rules, capture):
    return min(run(argv(rules, capture))[0] for _ in range(int(os.environ.get("RUNS", 3))))
def instructions(rules, capture):
    said = run(["valgrind", "--tool=callgrind", "--callgrind-out-file=" + work + "/out", *argv(rules, capture)])[1]
    return int(re.search(r"Collected : (\d+)", said).group(1))
def over(measure, capture):
    with_, without = (measure(r, capture) - measure(r, work + "/empty.pcap") for r in ("with", "without"))
    return with_, without, 100 * (with_ / without - 1)
print("seconds: %.2f with the rules, %.2f without: %+.1f %%" % over(seconds, file), flush=True)
with_, without, more = over(instructions, work + "/cut.pcap")
print("instructions, cut of %d MB: %.1f G with the rules, %.1f G without: %+.1f %%" % (os.path.getsize(work + "/cut.pcap") / 1e6, with_ / 1e9, without / 1e9, more))
most = float(os.environ.get("MOST", "inf"))
sys.exit(more > most)
PY
