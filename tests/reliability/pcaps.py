"""pcaps - stored captures as lists of records, and written again in every form that the format has."""
import struct

ORDER = {b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\xa1\xb2\xc3\xd4": (">", 1000), b"\x4d\x3c\xb2\xa1": ("<", 1), b"\xa1\xb2\x3c\x4d": (">", 1)}


def read(path):
    """Link type and records (ns, wire length, bytes) of a pcap; None of anything else, or of one that is not whole."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] not in ORDER or len(data) < 24:
        return None
    order, scale = ORDER[data[:4]]
    at, records = 24, []
    while at < len(data):
        if at + 16 > len(data):
            return None
        sec, part, n, wire = struct.unpack_from(order + "IIII", data, at)
        if n > 262144 or at + 16 + n > len(data):
            return None
        records.append((sec * 10**9 + part * scale, wire, data[at + 16:at + 16 + n]))
        at += 16 + n
    return struct.unpack_from(order + "I", data, 20)[0] & 0xffff, records


def head(link, order="<", nano=False):
    return struct.pack(order + "IHHiIII", 0xa1b23c4d if nano else 0xa1b2c3d4, 2, 4, 0, 0, 262144, link)


def record(r, order="<", nano=False):
    ns, wire, data = r
    return struct.pack(order + "IIII", ns // 10**9, ns % 10**9 // (1 if nano else 1000), len(data), wire) + data


def pcap(link, records, order="<", nano=False):
    return head(link, order, nano) + b"".join(record(r, order, nano) for r in records)


def block(kind, body, order):
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def pcapng(link, records, order="<"):
    """Two interfaces of different resolution in turn, an option, a comment's block that nobody knows, a statistics block."""
    out = block(0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1), order)
    out += block(1, struct.pack(order + "HHI", link, 0, 0), order)
    nano = struct.pack(order + "HH", 9, 1) + b"\x09\0\0\0" + struct.pack(order + "HH", 0, 0)
    out += block(1, struct.pack(order + "HHI", link, 0, 0) + nano, order)
    for i, (ns, wire, data) in enumerate(records):
        t = ns if i % 2 else ns // 1000
        body = struct.pack(order + "IIIII", i % 2, t >> 32, t & 0xffffffff, len(data), wire) + data
        out += block(6, body, order)
        if i % 7 == 3:
            out += block(0x0bad, b"nobody knows this", order)
    return out + block(5, struct.pack(order + "III", 0, 0, 0), order)
