"""measure - what a running process takes, over time: memory, descriptors, CPU, and whether it grows."""
import itertools
import os
import socket
import time

from rig import cpu_of


def descriptors(pid):
    """Without the files of evidence and the segments of the journal, which come and go with what is seen, so many as their limits let (journal_mb: 16)."""
    n = 0
    for fd in os.listdir("/proc/%d/fd" % pid):
        try:
            path = os.readlink("/proc/%d/fd/%s" % (pid, fd))
            n += "/evidence/" not in path and not path.endswith(".seg")
        except OSError:
            pass  # the listing's own
    return n


class Samples:
    """Of the keeper and the engine of a sensor, at each call of take(); each also as a line of a file that can be read meanwhile."""

    def __init__(self, sensor, path):
        self.sensor, self.began, self.rows = sensor, time.monotonic(), []
        self.file = open(path, "w", buffering=1)
        self.file.write("seconds rss_mib fds cpu_seconds\n")

    def take(self, *more):
        fds, cpu = 0, 0.0
        for pid in self.sensor.processes():
            try:
                fds, cpu = fds + descriptors(pid), cpu + cpu_of(pid)
            except OSError:
                pass  # a child of a moment: the keeper connects to Redis in one
        row = (time.monotonic() - self.began, self.sensor.rss_mib(), fds, cpu)
        self.rows.append(row)
        self.file.write(" ".join(["%.1f %.2f %d %.2f" % row, *map(str, more)]) + "\n")

    def half(self, column):
        """(seconds, value) of the second half: what is still filling its tables is not a leak."""
        return [(r[0], r[column]) for r in self.rows if r[0] >= self.rows[-1][0] / 2]

    def growth(self, column):
        """The middle one of the slopes between any two samples of the second half (Theil and Sen): what it grew by in that time, and in an hour in per cent of where it began. The state on
        its way to the disk stands beside the rest for a moment each minute; by least squares a few samples that meet it decide the slope."""
        points = self.half(column)
        slopes = sorted((q[1] - p[1]) / (q[0] - p[0]) for p, q in itertools.combinations(points, 2) if q[0] > p[0])
        slope = (slopes[len(slopes) // 2] + slopes[(len(slopes) - 1) // 2]) / 2 if slopes else 0.0
        return slope * (points[-1][0] - points[0][0]), 100 * slope * 3600 / max(points[0][1], 1e-9)

    def usual(self, column, quarter=2):
        """The middle value of a quarter and of the last one."""
        rows = [r[column] for r in self.rows]
        n = max(len(rows) // 4, 1)
        return sorted(rows[(quarter - 1) * n:quarter * n] or rows)[n // 2 if len(rows) > 1 else 0], sorted(rows[-n:])[n // 2]

    def cpu_percent(self):
        first, last = self.rows[0], self.rows[-1]
        return 100 * (last[3] - first[3]) / max(last[0] - first[0], 1e-9)


def percentile(values, share):
    values = sorted(values)
    return values[min(int(len(values) * share), len(values) - 1)] if values else float("inf")


def metrics(path):
    """What /metrics says on a unix socket."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: sensor\r\n\r\n")
        said = b""
        while part := s.recv(65536):
            said += part
    return said.decode().split("\r\n\r\n", 1)[1]
