#!/usr/bin/env python3
"""score_week.py FOLDER ALERTS - alerts of a school week against its truth: recall and precision per rule, and what nobody staged.

A hit is the same rule and entity, opened in [t0, t1 + window]. Exit 1 below the bounds that --recall, --loud and --quiet set."""
import argparse
import collections
import json
import os
import re
import sys

WORD = re.compile(r"[\w.:-]*\w")  # an address, a name: whole, not as a part of another


def names_of_rules(folder="rules/detect"):
    names = {}
    for where, _, files in os.walk(folder):
        for file in files:
            for doc in open(os.path.join(where, file)).read().split("\n---\n"):
                keys = dict(line.split(": ", 1) for line in doc.split("\n") if line.startswith(("id: ", "name: ")))
                if len(keys) == 2:
                    names[keys["id"].strip()] = keys["name"].strip()
    return names


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("alerts")
    p.add_argument("--recall", type=float, default=98, help="least share of incidents above their threshold that are found, %%")
    p.add_argument("--loud", type=float, default=10, help="most unstaged alerts of severity >= 3 a day")
    a = p.parse_args()
    truth = [json.loads(line) for line in open(os.path.join(a.folder, "truth.ndjson"))]
    names, opened = names_of_rules(), []
    for line in open(a.alerts):
        alert = json.loads(line)
        if alert.get("activity_id") == 1:
            opened.append((names.get(alert["rule"], alert["rule"]), alert["severity_id"], alert["finding_info"]["created_time"] / 1000, set(WORD.findall(line))))
    days = max(1, round((max(t["t1"] for t in truth) - min(t["t0"] for t in truth)) / 86400))
    staged = collections.defaultdict(list)
    for t in truth:
        staged[t["entity"]].append(t)
    hits, asked, wrong, right, total = (collections.Counter() for _ in range(5))
    for t in truth:
        found = any(n == t["rule"] and t["t0"] <= at <= t["t1"] + t["window"] and (not t["entity"] or t["entity"] in words) for n, _, at, words in opened)
        if t["expect"]:
            asked[t["rule"]] += 1
            hits[t["rule"]] += found
            if not found:
                print("missed: " + t["id"])
        elif found:
            wrong[t["rule"]] += 1
            print("fired below its threshold: " + t["id"])
    unstaged = collections.Counter()
    entities = {t["entity"] for t in truth if t["entity"]}
    whole = [t for t in truth if not t["entity"]]
    for name, severity, at, words in opened:
        total[name] += 1
        mine = bool(entities & words) or any(t["rule"] == name and t["t0"] <= at <= t["t1"] + t["window"] for t in whole)
        right[name] += mine
        if not mine:
            unstaged[(name, severity)] += 1
    for name in sorted(asked):
        precision = "%.0f %%" % (100 * right[name] / total[name]) if total[name] else "-"
        print("%-28s recall %d/%d, below threshold %d, precision %s" % (name, hits[name], asked[name], wrong[name], precision))
    for (name, severity), n in unstaged.most_common():
        print("nobody staged: %d × %s, severity %d" % (n, name, severity))
    recall = 100 * sum(hits.values()) / sum(asked.values())
    loud = sum(n for (_, s), n in unstaged.items() if s >= 3)
    severe = sum(n for (_, s), n in unstaged.items() if s >= 4)
    print("school week: recall %.1f %% of %d incidents of %d rules, %d below their threshold fired, unstaged a day: %.1f of severity >= 3, %d in all of >= 4"
          % (recall, sum(asked.values()), len(asked), sum(wrong.values()), loud / days, severe))
    return 0 if recall >= a.recall and not wrong and loud <= a.loud * days and not severe else 1


if __name__ == "__main__":
    sys.exit(main())
