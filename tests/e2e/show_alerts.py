#!/usr/bin/env python3
"""Reads `redis-cli --raw XRANGE` of an alert stream and prints what a responder would: one block per alert."""
import json, sys

def main():
    alerts = {}
    for line in sys.stdin:
        if line.startswith("{"):
            doc = json.loads(line)
            alerts[doc["id"]] = doc  # later revisions replace earlier ones
    for doc in sorted(alerts.values(), key=lambda d: (-d["severity_id"], d["start_time"])):
        ours = doc["unmapped"]["tocsin"]
        print("\n[%s] %s" % (doc["severity"].lower(), doc["message"]))
        runbook = doc.get("remediation", {}).get("desc")
        for name, value in (("clause", ours.get("policy")), ("disproof", ours.get("disproof")), ("runbook", runbook)):
            if value:
                print("  %-9s %s" % (name + ":", ", ".join(value) if isinstance(value, list) else value))
        print("  id:       %s  rule: %s  state: %s  count: %d" % (doc["id"], doc["rule"], doc["state"], doc["count"]))
    print("\n%d alerts" % len(alerts))


if __name__ == "__main__":
    main()
