#!/usr/bin/env python3
"""Every rule with a clause has what a rule of the pack has, and every threshold, also of the rules below it, is a variable with unit and reason."""
import glob
import re
import sys

import yaml

# A canary is no suspicion; those of the second line have no technique of ATT&CK, by the policy's table
NO_SUSPICION = {"canary"}
NO_TECHNIQUE = {"canary", "capture_degraded", "torrent_sharing", "cpr_02_piracy_site", "gambling", "unsafe_pages", "abuse_material", "use_01_commerce", "unvetted_app", "xfr_10_collective"}
NO_THRESHOLD = re.compile(r"id\.(orig|resp)_p\|")  # ports
COMPARED = re.compile(r"\|(gte|gt|lte|lt)$")


def thresholds(doc):
    """Paths of the numbers that decide; that there is anything at all is none."""
    for name, searched in (doc.get("detection") or {}).items():
        for items in searched if isinstance(searched, list) else [searched]:
            for key, value in items.items() if isinstance(items, dict) else ():
                if COMPARED.search(key) and not NO_THRESHOLD.match(key) and (key.split("|")[-1], value) not in (("gt", 0), ("gte", 1)):
                    yield f"detection.{name}.{key}"
    condition = (doc.get("correlation") or {}).get("condition")
    for key, value in condition.items() if isinstance(condition, dict) else ():
        if key in ("gte", "gt", "lte", "lt", "eq") and value != 1:
            yield f"correlation.condition.{key}"


def lacks(doc, ours):
    samples = ours.get("samples") or []
    out = [k for k in ("subject", "route", "disproof", "runbook") if not ours.get(k)]
    out += [k for k in ("id", "name", "description", "falsepositives", "level", "author") if not doc.get(k)]
    out += ["stance"] * (not (ours.get("subject") or {}).get("stance"))
    out += ["title: Suspected"] * (not doc["title"].startswith("Suspected ") and doc["name"] not in NO_SUSPICION)
    out += ["a technique"] * (not any(re.match(r"attack\.t\d{4}", t) for t in doc.get("tags") or []) and doc["name"] not in NO_TECHNIQUE)
    out += ["a runbook of 8 lines at most"] * (len(ours.get("runbook") or "") > 8 * 80)
    out += ["a sample that fires"] * (not any(s["expect"] for s in samples))
    out += ["two samples that stay silent"] * (sum(not s["expect"] for s in samples) < 2)
    return out


wrong = rules = samples = 0
for path in sorted(glob.glob("rules/detect/**/*.yml", recursive=True)):
    for doc in yaml.safe_load_all(open(path, encoding="utf-8")):
        ours = doc.get("tocsin") or {}
        variables = ours.get("vars") or {}
        missing = lacks(doc, ours) if ours.get("clause") else []
        missing += [f"a variable for {at}" for at in thresholds(doc) if at not in {v["at"] for v in variables.values()}]
        missing += [f"unit and reason of {n}" for n, v in variables.items() if not v.get("why") or not v.get("unit")]
        rules += bool(ours.get("clause"))
        samples += len(ours.get("samples") or [])
        if missing:
            wrong += 1
            print(f"{path}: {doc['name']} lacks {', '.join(missing)}")
print(f"pack: {rules} rules that alert, {samples} samples, {wrong} lack something")
sys.exit(wrong > 0)
