#!/usr/bin/env python3
"""schema.py SCHEMA FOLDER… - every document of the folders is valid; every mutant of them is not."""
import copy, glob, json, sys
import jsonschema, yaml


class Loader(yaml.SafeLoader):
    """Dates stay texts, as a JSON Schema sees them."""


Loader.yaml_implicit_resolvers = {k: [r for r in v if r[0] != "tag:yaml.org,2002:timestamp"] for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def put(path, value):
    def change(doc):
        at = doc
        for key in path[:-1]:
            if not isinstance(at, dict) or key not in at:
                return None
            at = at[key]
        if not isinstance(at, dict) or (value is None and path[-1] not in at):
            return None
        if value is None:
            del at[path[-1]]
        else:
            at[path[-1]] = value
        return doc
    return change


def only(kind, change):
    return lambda doc: change(doc) if kind in doc and "action" not in doc else None


MUTANTS = {
    "no title": lambda d: put(["title"], None)(d) if "action" not in d else None,
    "title is a list": put(["title"], ["x"]),
    "a level that is none": put(["level"], "hihg"),
    "a status that is none": put(["status"], "done"),
    "no logsource": only("detection", put(["logsource"], None)),
    "an empty logsource": only("detection", put(["logsource"], {})),
    "no condition": only("detection", put(["detection", "condition"], None)),
    "an aggregation": only("detection", put(["detection", "condition"], "a | count() > 5")),
    "an unknown modifier": only("detection", put(["detection", "x"], {"f|containz": 1})),
    "a map as a value": only("detection", put(["detection", "x"], {"f": {"a": 1}})),
    "an empty search identifier": only("detection", put(["detection", "x"], {})),
    "an unknown key of tocsin": lambda d: put(["tocsin"], {"claus": ["a/b#c"]})(d) if "filter" not in d else None,
    "a clause without a paragraph": lambda d: put(["tocsin"], {"clause": ["RUP"]})(d) if "filter" not in d else None,
    "a stance that is none": lambda d: put(["tocsin"], {"subject": {"stance": "guilty"}})(d) if "filter" not in d else None,
    "a sample with events and log": lambda d: put(["tocsin"], {"samples": [{"name": "a", "expect": 1, "events": [{"event": "dns"}], "log": ["x"]}]})(d) if "filter" not in d else None,
    "a sample without expect": lambda d: put(["tocsin"], {"samples": [{"name": "a", "log": ["x"]}]})(d) if "filter" not in d else None,
    "a raise to a level that is none": lambda d: put(["tocsin"], {"raise": {"critcal": "s"}})(d) if "filter" not in d else None,
    "a mode that is none": lambda d: put(["tocsin"], {"mode": "loud"})(d) if "filter" not in d else None,
    "a sample of a level that is none": lambda d: put(["tocsin"], {"samples": [{"name": "a", "expect": 1, "level": "hihg", "log": ["x"]}]})(d) if "filter" not in d else None,
    "a duration that is none": lambda d: put(["tocsin"], {"episode": {"close": "soon"}})(d) if "filter" not in d else None,
    "a key of correlations in a detection": only("detection", put(["tocsin"], {"absent": {"keys": "learned"}})),
    "no type": only("correlation", put(["correlation", "type"], None)),
    "an unknown type": only("correlation", put(["correlation", "type"], "event_cuont")),
    "no timespan": only("correlation", put(["correlation", "timespan"], None)),
    "a compound timespan": only("correlation", put(["correlation", "timespan"], "1h30m")),
    "an unknown key of a correlation": only("correlation", put(["correlation", "groupby"], ["a"])),
    "an operator that is none": only("correlation", put(["correlation", "condition"], {"atleast": 5})),
    "a bound that is a text": only("correlation", put(["correlation", "condition"], {"gte": "many", "field": "x"})),
    "a filter without rules": only("filter", put(["filter", "rules"], None)),
    "an exemption without a reason": only("filter", put(["tocsin"], {"exemption": {"owner": "a", "expires": "2027-06-30"}})),
}


def main():
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    documents, wrong, tried, kinds = 0, 0, 0, {}
    for folder in sys.argv[2:]:
        for path in sorted(glob.glob(folder + "/**/*.yml", recursive=True)):
            docs = list(yaml.load_all(open(path), Loader))
            templates = any(isinstance(d, dict) and "action" in d for d in docs)
            for doc in docs:
                if templates and "action" not in doc and "title" not in doc:
                    continue  # a template completes it
                if not isinstance(doc, dict) or not ({"title", "action", "detection"} & set(doc)):
                    continue  # lists, pipelines, a configuration
                documents += 1
                errors = [e.message for e in validator.iter_errors(doc)]
                if errors:
                    wrong += 1
                    print(path, doc.get("title"), "is refused:", errors[0][:200])
                for name, change in MUTANTS.items():
                    mutant = change(copy.deepcopy(doc))
                    if mutant is None or mutant == doc:
                        continue
                    tried += 1
                    kinds[name] = kinds.get(name, 0) + 1
                    if validator.is_valid(mutant):
                        wrong += 1
                        print(path, doc.get("title"), "is taken with:", name)
    unused = set(MUTANTS) - set(kinds)
    print(f"schema: {documents} documents, {tried} mutants of {len(kinds)} kinds, {wrong} wrong" + (f", never tried: {unused}" if unused else ""))
    return wrong > 0 or bool(unused) or documents < 100


sys.exit(main())
