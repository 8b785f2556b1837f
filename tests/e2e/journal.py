#!/usr/bin/env python3
"""journal.py FOLDER: `id rev` of each whole record of a journal, in order, read without the program that wrote it.
journal.py FOLDER REDIS-FILE: compares with `id rev` lines of a stream: nothing lost, order of first occurrences kept,
what comes twice is the same."""
import os, struct, sys


def documents(folder):
    for name in sorted(n for n in os.listdir(folder) if n.endswith(".seg")):
        data, at = open(os.path.join(folder, name), "rb").read(), 0
        while at + 8 <= len(data):
            n, crc = struct.unpack_from("<II", data, at)
            if n < 5 or at + 8 + n > len(data):
                break  # a torn tail: its write(2) had not returned
            yield data[at + 8:at + 8 + n]
            at += 8 + n


def fields(doc):
    at, out = 4, {}
    while doc[at]:
        kind, end = doc[at], doc.index(0, at + 1)
        name, at = doc[at + 1:end].decode(), end + 1
        if kind == 0x02:
            (n,) = struct.unpack_from("<i", doc, at)
            out[name], at = doc[at + 4:at + 3 + n].decode(), at + 4 + n
        elif kind == 0x10:
            (out[name],), at = struct.unpack_from("<i", doc, at), at + 4
        elif kind == 0x12:
            (out[name],), at = struct.unpack_from("<q", doc, at), at + 8
        elif kind in (0x03, 0x04):  # copies for other routes
            at += struct.unpack_from("<i", doc, at)[0]
        elif kind == 0x05:  # who the tokens are, sealed
            at += 5 + struct.unpack_from("<i", doc, at)[0]
        else:
            raise SystemExit("journal.py: unknown type %#x" % kind)
    return out


def records(folder):
    return ["%(id)s %(rev)d" % fields(d) for d in documents(folder)]


def main():
    want = records(sys.argv[1])
    if len(sys.argv) == 2:
        print("\n".join(want))
        return
    lines = open(sys.argv[2]).read().split("\n")[:-1]
    seen = list(dict.fromkeys(lines))
    come = set(seen)
    lost = [w for w in want if w not in come]
    if not want or lost or seen != list(dict.fromkeys(want)):
        raise SystemExit("journal %d records, Redis %d entries, lost %d %s, order %s" % (
            len(want), len(lines), len(lost), lost[:3], "kept" if seen == list(dict.fromkeys(want)) else "not kept"))
    print("%d records, %d entries" % (len(want), len(lines)))


if __name__ == "__main__":
    main()
