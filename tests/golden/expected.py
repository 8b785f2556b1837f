#!/usr/bin/env python3
"""expected.py: NDJSON alerts on stdin to sorted lines `rule key…` of those that opened (and all of them closed)."""
import json
import sys

opened, closed = {}, set()
for line in sys.stdin:
    doc = json.loads(line)
    if doc["state"] == "open":
        opened[doc["id"]] = doc
    if doc["state"] == "close":
        closed.add(doc["id"])
if set(opened) != closed:
    sys.exit("alerts that opened and did not close, or the other way round: %s" % (set(opened) ^ closed))
alerts = [(d["finding_info"]["title"], sorted(d["unmapped"]["tocsin"]["key"].items())) for d in opened.values()]
for title, key in sorted(alerts):
    print("%s | %s" % (title, " ".join("%s=%s" % k for k in key)))
