#!/usr/bin/env python3
"""score_week.py FOLDER ALERTS - alerts of a school week against its truth: recall, precision and lateness per rule, and what nobody staged.

A hit is the same rule and entity, opened in [t0, t1 + window]. Of a rule that decides on arrival, the alert's own time is at most LATE seconds
behind the event that reached the threshold, or came. Each rule that alerts has a case, or stands in no_case.tsv with the reason.
Exit 1 below the bounds that --recall and --loud set, for an incident below its threshold that fired, a late alert, and a rule in neither."""
import argparse
import collections
import csv
import json
import os
import re
import sys

LATE = 2.0
WORD = re.compile(r"[\w.:-]*\w")  # an address, a name: whole, not as a part of another


def rules_that_alert(folder="rules/detect"):
    """id -> name of each rule, and the names of those that have a route to somebody."""
    names, alerting = {}, set()
    for where, _, files in os.walk(folder):
        for file in files:
            with open(os.path.join(where, file), encoding="utf-8") as f:
                docs = f.read().split("\n---\n")
            for doc in docs:
                keys = dict(line.split(": ", 1) for line in doc.split("\n") if line.startswith(("id: ", "name: ")))
                if len(keys) == 2:
                    names[keys["id"].strip()] = keys["name"].strip()
                    if "\n  route: " in doc:
                        alerting.add(keys["name"].strip())
    return names, alerting


def without_case(path=os.path.join(os.path.dirname(__file__), "no_case.tsv")):
    with open(path, encoding="utf-8") as f:
        return {r[0]: r[1] for r in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE) if r and not r[0].startswith("#")}


def uncovered(cases):
    """Rules in neither, or in both, or without a reason; and names that no rule has."""
    _, alerting = rules_that_alert()
    excused = without_case()
    return (["%s: neither a case nor a reason in no_case.tsv" % n for n in sorted(alerting - cases - set(excused))] +
            ["%s: has a case and stands in no_case.tsv" % n for n in sorted(cases & set(excused))] +
            ["%s: no rule that alerts has this name" % n for n in sorted((cases | set(excused)) - alerting)] +
            ["%s: no reason in no_case.tsv" % n for n, why in excused.items() if len(why) < 20])


def read_alerts(path, names):
    opened = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            alert = json.loads(line)
            if alert.get("activity_id") == 1:
                opened.append((names.get(alert["rule"], alert["rule"]), alert["severity_id"], alert["finding_info"]["created_time"] / 1000,
                               {w.lower() for w in WORD.findall(line)}))
    return opened


class Score:
    def __init__(self, truth, opened):
        self.truth, self.opened = truth, opened
        self.hits, self.asked, self.wrong, self.right, self.total = (collections.Counter() for _ in range(5))
        self.unstaged, self.late, self.lags = collections.Counter(), [], collections.defaultdict(list)
        self.by_rule = collections.defaultdict(list)
        for alert in opened:
            self.by_rule[alert[0]].append(alert)
        for t in truth:
            self.one(t)
        self.stray()

    def one(self, t):
        entity = t["entity"].lower()
        when = [at for _, _, at, words in self.by_rule[t["rule"]] if t["t0"] <= at <= t["t1"] + t["window"] and (not entity or entity in words)]
        if not t["expect"]:
            if when:
                self.wrong[t["rule"]] += 1
                print("fired below its threshold, or for what only looks like it: " + t["id"])
            return
        self.asked[t["rule"]] += 1
        self.hits[t["rule"]] += bool(when)
        if not when:
            print("missed: " + t["id"])
        elif t.get("decided") is not None:
            lag = min(when) - t["decided"]
            self.lags[t["rule"]].append(lag)
            if lag > LATE:
                self.late.append(t["id"])
                print("late: %s by %.1f s" % (t["id"], lag))

    def stray(self):
        """Alerts of nobody's incident. Whoever takes part in one may trip other rules too, as in life."""
        entities = {w.lower() for t in self.truth for w in [t["entity"]] + t.get("with", []) if w}
        whole = [t for t in self.truth if not t["entity"]]
        for name, severity, at, words in self.opened:
            self.total[name] += 1
            mine = bool(entities & words) or any(t["rule"] == name and t["t0"] <= at <= t["t1"] + t["window"] for t in whole)
            self.right[name] += mine
            if not mine:
                self.unstaged[(name, severity)] += 1

    def tell(self):
        for name in sorted(self.asked):
            precision = "%.0f %%" % (100 * self.right[name] / self.total[name]) if self.total[name] else "-"
            lag = ", at most %.1f s after the event" % max(0.0, max(self.lags[name])) if self.lags[name] else ""
            print("%-28s recall %d/%d, below threshold %d, precision %s%s" % (name, self.hits[name], self.asked[name], self.wrong[name], precision, lag))
        for (name, severity), n in self.unstaged.most_common():
            print("nobody staged: %d × %s, severity %d" % (n, name, severity))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("alerts")
    p.add_argument("--recall", type=float, default=98, help="least share of incidents above their threshold that are found, %%")
    p.add_argument("--loud", type=float, default=10, help="most unstaged alerts of severity >= 3 a day")
    p.add_argument("--days", type=int, default=5, help="of the week, for alerts a day")
    a = p.parse_args()
    with open(os.path.join(a.folder, "truth.ndjson"), encoding="utf-8") as f:
        truth = [json.loads(line) for line in f]
    names, _ = rules_that_alert()
    s = Score(truth, read_alerts(a.alerts, names))
    s.tell()
    gaps = uncovered({t["rule"] for t in truth})
    print("\n".join(gaps) or "each rule that alerts has a case, or a reason in no_case.tsv")
    recall = 100 * sum(s.hits.values()) / sum(s.asked.values())
    loud = sum(n for (_, severity), n in s.unstaged.items() if severity >= 3)
    severe = sum(n for (_, severity), n in s.unstaged.items() if severity >= 4)
    print("school week: recall %.1f %% of %d incidents of %d rules, %d below their threshold fired, %d of %d decided on arrival later than %g s, "
          "unstaged a day: %.1f of severity >= 3, %d in all of >= 4"
          % (recall, sum(s.asked.values()), len(s.asked), sum(s.wrong.values()), len(s.late), sum(len(x) for x in s.lags.values()), LATE, loud / a.days, severe))
    return 0 if recall >= a.recall and not sum(s.wrong.values()) and not s.late and not gaps and loud <= a.loud * a.days and not severe else 1


if __name__ == "__main__":
    sys.exit(main())
