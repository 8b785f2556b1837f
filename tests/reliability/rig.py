"""rig - what the reliability tests share: the programs, the captures, a replay with its books, the verdict."""
import atexit
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

TOCSIN = os.path.realpath(os.environ.get("TOCSIN", "build/tocsin"))
BUILD = os.path.realpath(os.environ.get("BUILD", "build"))
LONG = "--long" in sys.argv
SHARED = "../shared/conformance"
OWN = ["tests/golden/sample-day/day.pcap", "tests/golden/encrypted/encrypted.pcap", "tests/golden/text-wire/wire.pcap",
       "tests/golden/udp/talks.pcap", "tests/golden/windows/windows.pcap", "tests/traffic/real-programs.pcap"]
MAGICS = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">", b"\n\r\r\n": None}
NAME = os.path.basename(sys.argv[0]).split(".")[0].upper().replace("T0", "T")
os.environ.setdefault("ASAN_OPTIONS", "exitcode=99:detect_leaks=1")
os.environ.setdefault("UBSAN_OPTIONS", "halt_on_error=1:exitcode=99")


def work_folder():
    folder = tempfile.mkdtemp(prefix="tocsin-%s." % NAME.lower())
    atexit.register(shutil.rmtree, folder, True)
    return folder


def program(name):
    return os.path.join(BUILD, "tests", name)


def captures(most_bytes=1 << 20):
    """Every stored capture, the project's own first; ../shared's only in the long form."""
    found = list(OWN)
    for folder, _, files in os.walk(SHARED) if LONG else ():
        for name in sorted(files):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.path.getsize(path) <= most_bytes:
                with open(path, "rb") as f:
                    if f.read(4) in MAGICS:
                        found.append(path)
    return sorted(found[:len(OWN)]) + sorted(found[len(OWN):])


def link_type(path):
    """Of a pcap; of a pcapng that of its first interface, or None."""
    with open(path, "rb") as f:
        head = f.read(4096)
    order = MAGICS[head[:4]]
    if order:
        return struct.unpack(order + "I", head[20:24])[0] & 0xffff
    order = "<" if head[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    at = 0
    while at + 12 <= len(head):
        kind, size = struct.unpack(order + "II", head[at:at + 8])
        if kind == 1:
            return struct.unpack(order + "H", head[at + 8:at + 10])[0]
        at += max(size, 12)
    return None


class Books:
    """What a replay's summary says of each stage: name to count, where in = out + the sum of what is lost by name."""

    def __init__(self, words):
        self.words = words
        self.stage = {}
        for line in words.splitlines():
            head = re.match(r"(decode|flow|lines|engine|receive|alerts|correlate) +(.*)", line)
            if head:
                for part in re.split(r", ", head[2]):
                    name, n = re.match(r"(\d+) (.*)|(.*) (\d+)$", part).group(2, 1) if part[0].isdigit() else re.match(r"(.*) (\d+)$", part).groups()
                    self.stage[head[1], name] = int(n)

    def get(self, stage, name):
        return self.stage.get((stage, name), 0)

    def drops(self):
        return sum(n for (stage, name), n in self.stage.items() if stage == "decode" and name not in ("frames", "packets"))

    def frames_mismatch(self, put):
        """Frames that were put in less those that came out or are lost by a name; and flow took what decode gave."""
        return abs(put - self.get("decode", "frames")) + abs(self.get("decode", "frames") - self.get("decode", "packets") - self.drops())

    def lines_mismatch(self, put, empty):
        """A line is one event or one counted reject."""
        events = self.get("engine", "events") - self.get("engine", "of them observed")
        known, kept = self.get("lines", "known"), self.get("lines", "kept as syslog")
        return abs(put - self.get("lines", "lines")) + abs(self.get("lines", "empty") - empty) + abs(put - empty - known - kept) + abs(known + kept - events)


def cpu_of(pid):
    """User and system seconds of a process, so far."""
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mib(pid):
    for line in open("/proc/%d/status" % pid):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0


class Played:
    """mutate's output through a replay: what both said, and the CPU seconds at each 5,000 that were written."""

    def __init__(self, kind, seed, count, percent, files, options, out=subprocess.DEVNULL):
        writer = subprocess.Popen([program("mutate"), kind, str(seed), str(count), str(percent), *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        words = tempfile.TemporaryFile("w+")
        reader = subprocess.Popen([TOCSIN, "replay", *options, "-"], stdin=writer.stdout, stdout=out, stderr=words)
        writer.stdout.close()
        self.steps, self.wrote = [(0, 0.0)], None
        for line in writer.stderr:
            if line.startswith("at "):
                try:
                    self.steps.append((int(line.split()[1]), cpu_of(reader.pid)))
                except OSError:
                    break
            elif line.startswith("wrote"):
                self.wrote = [int(n) for n in re.findall(r"\d+", line)]
        self.status = reader.wait()
        self.writer_status = writer.wait()
        words.seek(0)
        self.books = Books(words.read())

    def rate(self):
        n, cpu = self.steps[-1]
        return n / cpu if cpu else 0.0

    def slowest(self, window):
        """The lowest rate over any `window` CPU seconds."""
        rates, first = [], 0
        for i, (n, cpu) in enumerate(self.steps):
            while cpu - self.steps[first + 1][1] >= window if first + 1 < i else False:
                first += 1
            if cpu - self.steps[first][1] >= window:
                rates.append((n - self.steps[first][0]) / (cpu - self.steps[first][1]))
        return min(rates, default=self.rate())


def verdict(figure, wanted, mismatch, ok, started=[time.monotonic()]):
    """The last word of each test."""
    good = ok and not mismatch
    print("%s: %s; wanted: %s; conservation mismatch %s; %.0f s: %s" % (NAME, figure, wanted, mismatch, time.monotonic() - started[0], "passed" if good else "FAILED"))
    sys.exit(0 if good else 1)


def skip(why):
    print("%s: %s: skipped" % (NAME, why))
    sys.exit(77)
