#!/usr/bin/env python3
"""confusables.py > engine/base/confusables.def - letters that may stand in a domain name and look like letters or digits of ASCII, or two of them.

By the skeletons of UTS 39 as the ICU of this machine has them; marks above and below letters are left out, which is stricter. Run it again
for a newer Unicode; the program itself needs no ICU."""
import ctypes
import ctypes.util
import re
import unicodedata

library = ctypes.util.find_library("icui18n")
version = re.search(r"\.so\.(\d+)", library).group(1)
icu = ctypes.CDLL(library)
status = ctypes.c_int(0)
opened = getattr(icu, "uspoof_open_" + version)
opened.restype = ctypes.c_void_p
checker = ctypes.c_void_p(opened(ctypes.byref(status)))
get = getattr(icu, "uspoof_getSkeletonUTF8_" + version)


def skeleton(text):
    raw, out, status = text.encode(), ctypes.create_string_buffer(256), ctypes.c_int(0)
    n = get(checker, ctypes.c_uint32(0), raw, ctypes.c_int32(len(raw)), out, ctypes.c_int32(256), ctypes.byref(status))
    if status.value > 0:
        raise SystemExit("ICU: error %d" % status.value)
    bare = unicodedata.normalize("NFD", out.raw[:n].decode())
    return "".join(c for c in bare if unicodedata.category(c) != "Mn").lower()


rows = []
for at in range(0x30, 0x20000):
    c = chr(at)
    if unicodedata.category(c) not in ("Ll", "Lo", "Lm", "Nd") or unicodedata.normalize("NFKC", c).casefold() != c:
        continue
    s = skeleton(skeleton(c))  # twice: what was made lower case may look like something else
    if s != c and 0 < len(s) <= 3 and re.fullmatch("[a-z0-9-]+", s):
        rows.append('L(0x%04x, "%s")' % (at, s))
print("/*\n * Letters of domain names that look like others, in the order of their numbers: L(number, what it looks like). Made by\n"
      " * tests/unit/base/confusables.py of the skeletons of UTS 39 (ICU %s; data (c) Unicode, Inc., Unicode License V3).\n */" % version)
print("/* clang-format off */")
for i in range(0, len(rows), 8):
    print(" ".join(rows[i:i + 8]))
print("/* clang-format on */")
