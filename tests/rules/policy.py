#!/usr/bin/env python3
"""docs/policy.md from rules/policy and the rules: clause, verdict, rules, samples; what cannot be seen, and the remedy.

    python3 tests/rules/policy.py > docs/policy.md      write it
    python3 tests/rules/policy.py --check               1 = docs/policy.md is stale
"""
import glob
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
    asleep = ", dormant" if needed(doc) else ""
    return f"`{doc['name']}` ({LEVELS[doc['level']]}; {fires}+{len(samples) - fires}{asleep})"


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
            told = "none yet; planned: " + ", ".join(c.get("covered_by") or ["?"])
        out.append(f"| {c['id']} | {cell(c['clause'])} | {VERDICTS[c['verdict']]} | {told} |")
    out.append("\n### What cannot be seen, or in part only, and the cheapest remedy\n\n| clause | why | remedy |\n|---|---|---|")
    for c in clauses:
        if c["verdict"] in ("unseen", "never") or c.get("remedy"):
            out.append(f"| {c['id']} | {cell(c.get('why', ''))} | {cell(c.get('remedy', ''))} |")


def tell_dormant(by_clause, out):
    asleep = {d["name"]: d for docs in by_clause.values() for d in docs if needed(d)}
    out.append("\n## Rules that wait for events\n\nThey are loaded and stay silent until events of these kinds come. See docs/policy-dormant.md.\n")
    out.append("| rule | events |\n|---|---|")
    for name in sorted(asleep):
        out.append(f"| `{name}` | {', '.join(needed(asleep[name]))} |")


def document():
    by_clause = rules()
    out = ["# The policy, clause by clause\n",
           "Written by tests/rules/policy.py from rules/policy and rules/detect; do not edit. Verdicts: D detectable, P partly,",
           "N not by a network and syslog sensor, X must not be detected. A rule may stand at several clauses."]
    for path in sorted(glob.glob("rules/policy/*.yml")):
        for policy in load(path):
            tell_policy(policy, by_clause, out)
    tell_dormant(by_clause, out)
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
