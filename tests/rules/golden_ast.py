#!/usr/bin/env python3
"""golden_ast.py GOLDEN.ndjson.gz TREES.ndjson - compares condition trees of two readers of Sigma after normalisation.

Trees are ["and", [..]] ["or", [..]] ["not", [..]] and leaves ["field", NAME, KIND, VALUE..] ["kw", KIND, VALUE..]. Normalised:
and/or in and/or are flattened, one child is itself, twins are one, order does not count, not not x is x, runs of stars are one,
null is its own leaf, a class of dashes is the set of its five spellings, an expansion is an or."""
import gzip, itertools, json, sys

DASHES = ["-", "/", "\u2013", "\u2014", "\u2015"]


def text(parts):
    """Parts of a string, neighbours joined, runs of stars one."""
    out = []
    for p in parts:
        if isinstance(p, dict):  # the test's lists have one entry: their name, and lists fold letters
            p = "%" + p["ph"].lower() + "%"
        if isinstance(p, str) and out and isinstance(out[-1], str):
            out[-1] += p
        elif p == 0 and out and out[-1] == 0 and not isinstance(p, str):
            continue
        else:
            out.append(p)
    return tuple(("s", p) if isinstance(p, str) else ("w", p) for p in out)


def dashed(parts):
    """Every spelling of a string with classes of dashes (2)."""
    at = [i for i, p in enumerate(parts) if p == 2 and not isinstance(p, str)]
    for choice in itertools.product(DASHES, repeat=len(at)):
        spelled = list(parts)
        for i, c in zip(at, choice):
            spelled[i] = c
        yield spelled


def number(n):
    return float(n)


def leaf(head, kind, rest):
    if kind in ("str", "cased"):
        if any(p == 2 and not isinstance(p, str) for p in rest[0]):
            return join("or", [leaf(head, kind, [s]) for s in dashed(rest[0])])
        return head + (kind, text(rest[0]))
    if kind == "expansion":
        return join("or", [leaf(head, v[0], v[1:]) for v in rest[0]])
    if kind == "num":
        return head + (kind, number(rest[0]))
    if kind == "re":
        short = {"ignorecase": "i", "multiline": "m", "dotall": "s"}
        return head + (kind, rest[0], tuple(sorted(short.get(f, f) for f in rest[1])))
    if kind == "list":  # a placeholder that stands alone
        return head + ("str", text(["%" + rest[0].lower() + "%"]))
    if kind == "fieldref":
        how = rest[1] if isinstance(rest[1], str) else {(False, False): "equals", (True, False): "startswith", (False, True): "endswith", (True, True): "contains"}[tuple(rest[1:3])]
        return head + (kind, rest[0], how)
    return head + (kind,) + tuple(r for r in rest if r is not None)


def join(op, kids):
    flat = []
    for k in kids:
        flat += list(k[1]) if k[0] == op else [k]
    flat = sorted(set(flat), key=repr)
    return flat[0] if len(flat) == 1 else (op, tuple(flat))


def normal(node):
    op = node[0]
    if op in ("and", "or"):
        return join(op, [normal(k) for k in node[1]])
    if op == "not":
        kids = node[1] if isinstance(node[1][0], list) else [node[1]]
        inner = normal(kids[0])
        return inner[1] if inner[0] == "not" else ("not", inner)
    return leaf(("field", node[1]), node[2], node[3:]) if op == "field" else leaf(("kw",), node[1], node[2:])


def main():
    golden, trees = sys.argv[1:3]
    ours = {}
    for line in open(trees):
        rule = json.loads(line)
        if "tree" in rule:
            ours[rule["id"]] = normal(rule["tree"])
    equal = different = missing = 0
    for line in gzip.open(golden, "rt"):
        rule = json.loads(line)
        want = join("or", [normal(c) for c in rule["conditions"]])
        if rule["id"] not in ours:
            missing += 1
            print("missing:", rule["path"])
        elif ours[rule["id"]] == want:
            equal += 1
        else:
            different += 1
            print("different:", rule["id"], rule["path"])
            if "--verbose" in sys.argv:
                print("  want", want, "\n  got ", ours[rule["id"]])
    print(f"golden trees: {equal} equal, {different} different, {missing} missing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
