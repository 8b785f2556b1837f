#!/usr/bin/env python3
"""zeek_own.py TOCSIN CONFORMANCE - the score of zeek/MANIFEST.tsv as it is, and without logs of other captures.

A line of the manifest names one capture and the logs of a test that may have read several; rows of the others can be
nobody's answer to this one. A log none of whose rows has the ends of a connection of the capture is such a log."""
import collections, sys


def score(score_of, events_of, tocsin, folder, own_only):
    total, rows_of, left_out = collections.defaultdict(lambda: [0, 0, 0, 0]), collections.Counter(), []
    for trace, capture, logs in score_of.from_manifest(f"{folder}/zeek/MANIFEST.tsv", None):
        events, _ = events_of(tocsin, capture)
        ends = lambda row: tuple(row.get(k) for k in score_of.ENDPOINTS)
        known = {ends(row) for row in events.get("conn", [])}
        for name, rows in logs:
            if name == "files":
                rows = [r for r in rows if r.get("source") not in score_of.MAIL]
            rows_of[name] += len(rows)
            has_ends = "id.orig_p" in score_of.FIELDS[name] and name != "conn"
            if own_only and has_ends and not any(ends(r) in known for r in rows):
                left_out.append(f"{trace} {name}: {len(rows)} rows")
                continue
            equal, wanted, surplus, _ = score_of.match(rows, events.get(name, []), score_of.FIELDS[name])
            for i, n in enumerate((equal, wanted, len(rows), surplus)):
                total[name][i] += n
    few, shares = [0, 0], []
    for name, (equal, wanted, rows, surplus) in total.items():
        offered = wanted + surplus * wanted / max(rows, 1)
        if rows_of[name] < 20:  # pooled, as the scorer does
            few[0], few[1] = few[0] + equal, few[1] + offered
        else:
            shares.append(equal / offered)
    shares += [few[0] / few[1]] if few[1] else []
    return 100 * sum(shares) / len(shares), left_out


def main():
    tocsin, folder = sys.argv[1:]
    sys.path.insert(0, folder)
    import zeek_score
    from common import events_of
    whole, _ = score(zeek_score, events_of, tocsin, folder, False)
    own, left_out = score(zeek_score, events_of, tocsin, folder, True)
    for line in left_out:
        print("of another capture:", line)
    print("mean of logs: %.1f%% as it is, %.1f%% without logs of other captures" % (whole, own))


main()
