#!/usr/bin/env python3
"""docs/policy.md from rules/policy and the rules: clause, verdict, rules, samples; what cannot be seen, and the remedy; then the detections
of tests/rules/detections.tsv with their rules, and what is missing of each and why. A clause or a detection without either is an error.

    python3 tests/rules/policy.py > docs/policy.md      write it
    python3 tests/rules/policy.py --check               1 = docs/policy.md is stale
"""
import csv
import glob
import re
import sys

import yaml

VERDICTS = {"detectable": "D", "partly": "P", "unseen": "N", "never": "X", "duty": "duty", "formal": "formal"}
LEVELS = {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}


class Loader(yaml.SafeLoader):
    """Dates and the like stay texts."""


Loader.yaml_implicit_resolvers = {k: [r for r in v if r[0] == "tag:yaml.org,2002:null"] for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def load(path):
    with open(path, encoding="utf-8") as f:
        return [d for d in yaml.load_all(f, Loader) if d]


def ours(doc):
    return doc.get("tocsin") or {}


def needed(doc):
    events = (ours(doc).get("needs") or {}).get("events") or []
    return [events] if isinstance(events, str) else events


def rules():
    """Rules with a clause: (clause -> rules)."""
    found = {}
    for path in sorted(glob.glob("rules/detect/**/*.yml", recursive=True)):
        for doc in load(path):
            for clause in ours(doc).get("clause") or []:
                found.setdefault(clause, []).append(doc)
    return found


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def rule_cell(doc):
    samples = ours(doc).get("samples") or []
    fires = sum(s["expect"] != "0" for s in samples)
    return f"`{doc['name']}` ({LEVELS[doc['level']]}; {fires}+{len(samples) - fires})"


def tell_policy(policy, by_clause, out):
    name = f"{policy['policy']}/{policy['version']}"
    clauses = policy["clauses"]
    out.append(f"\n## {policy['title']} ({name})\n")
    counts = {v: sum(c["verdict"] == v for c in clauses) for v in VERDICTS}
    out.append(", ".join(f"{n} {v}" for v, n in counts.items()) + f" of {len(clauses)} clauses.\n")
    out.append("| clause | in our words | verdict | rules (severity; samples that fire + stay silent) |\n|---|---|---|---|")
    for c in clauses:
        found = by_clause.get(f"{name}#{c['id']}", [])
        told = "; ".join(rule_cell(d) for d in sorted(found, key=lambda d: d["name"]))
        if not told and c["verdict"] in ("detectable", "partly"):
            if not c.get("why"):
                sys.exit(f"{name}#{c['id']}: neither a rule nor a reason why there is none")
            told = "no rule of its own: " + cell(c["why"])
        out.append(f"| {c['id']} | {cell(c['clause'])} | {VERDICTS[c['verdict']]} | {told} |")
    out.append("\n### What cannot be seen, or in part only, and the cheapest remedy\n\n| clause | why | remedy |\n|---|---|---|")
    for c in clauses:
        if c["verdict"] in ("unseen", "never") or c.get("remedy"):
            out.append(f"| {c['id']} | {cell(c.get('why', ''))} | {cell(c.get('remedy', ''))} |")


def kinds():
    with open("docs/events.yml", encoding="utf-8") as f:
        return set(re.findall(r"^([a-z_0-9]+):$", f.read(), re.M))


def tell_detections(by_clause, out):
    """Each of the detections has a rule (named after it, or in its row), or a reason why it has none."""
    docs = {d["name"]: d for found in by_clause.values() for d in found}
    there, placed = kinds(), set()
    out.append("\n## Detections\n\nOf tests/rules/detections.tsv. Dormant rules wait for events that nothing gives yet: they are loaded and silent.\n")
    out.append("| detection | rules | what is missing, or why there is none |\n|---|---|---|")
    with open("tests/rules/detections.tsv", encoding="utf-8") as f:
        rows = [r for r in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE) if not r[0].startswith("#")]
    for number, what, more, state, reason in rows:
        names = [n for n in docs if n.startswith(number.lower().replace("-", "_") + "_")] + [n for n in more.split(",") if n]
        unknown = [n for n in names if n not in docs]
        if unknown or bool(names) == (state == "none") or bool(reason) == (state == "whole"):
            sys.exit(f"detections.tsv: {number}: rules {names}, unknown {unknown}, state {state}, reason \"{reason}\"")
        placed.update(names)
        told = ", ".join(f"`{n}`" + (" (dormant)" if any(k not in there for k in needed(docs[n])) else "") for n in sorted(names))
        out.append(f"| {number} {cell(what)} | {told or 'none'} | {cell(reason)} |")
    if set(docs) - placed:
        sys.exit(f"detections.tsv: of no detection: {sorted(set(docs) - placed)}")


def document():
    by_clause = rules()
    out = ["# The policy, clause by clause\n",
           "Written by tests/rules/policy.py from rules/policy and rules/detect; do not edit. Verdicts: D detectable, P partly,",
           "N not by a network and syslog sensor, X must not be detected. A rule may stand at several clauses."]
    for path in sorted(glob.glob("rules/policy/*.yml")):
        for policy in load(path):
            tell_policy(policy, by_clause, out)
    tell_detections(by_clause, out)
    return "\n".join(out) + "\n"


def main():
    text = document()
    if sys.argv[1:] != ["--check"]:
        sys.stdout.write(text)
        return 0
    with open("docs/policy.md", encoding="utf-8") as f:
        stale = f.read() != text
    print("docs/policy.md is stale: python3 tests/rules/policy.py > docs/policy.md" if stale else "docs/policy.md is what the rules say")
    return stale


sys.exit(main())
