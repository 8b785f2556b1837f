#!/usr/bin/env python3
"""Reads `redis-cli --raw XRANGE` of an alert stream and prints what a responder would: one block per alert."""
import json, sys

WORDS = {1: "informational", 2: "low", 3: "medium", 4: "high", 5: "critical"}


def main():
    alerts = {}
    for line in sys.stdin:
        if line.startswith("{"):
            doc = json.loads(line)
            alerts[doc["id"]] = doc  # later revisions replace earlier ones
    for doc in sorted(alerts.values(), key=lambda d: (-d["severity"], d["first"])):
        print("\n[%s] %s" % (WORDS[doc["severity"]], doc["message"]))
        for name in ("clause", "disproof", "runbook"):
            value = doc.get(name)
            if value:
                print("  %-9s %s" % (name + ":", ", ".join(value) if isinstance(value, list) else value))
        print("  id:       %s  rule: %s  state: %s  count: %d" % (doc["id"], doc["rule"], doc["state"], doc["count"]))
    print("\n%d alerts" % len(alerts))


if __name__ == "__main__":
    main()
