"""Makes assignment.json: vectors for an implementation of assignment in any language.

    pip install mmh3 && python3 test/cases/assignment.py > test/cases/assignment.json

The hashes are those of mmh3, a binding of Appleby's C++; the decisions follow docs/assignment.md and share no code
with src/assignment.
"""

import json
import mmh3

DAY = 86_400_000
START = 1_790_812_800_000  # 2026-10-01T00:00:00Z


def murmur3(text, seed=0):
    return mmh3.hash(text.encode("utf-8"), seed, signed=False)


def bucket(salt, unit):
    return murmur3(f"{salt}:{unit}") / 2**32


LAYERS = {
    "homepage": {"salt": "layer-homepage-1"},
    "browse": {"salt": "layer-browse-1", "holdout": {"name": "global-2026", "share": 0.05}},
}
EXPERIMENTS = [
    {"key": "homepage-hybrid", "iteration": 1, "layer": "homepage", "from": 0, "to": 1,
     "variants": [["popular", 0.5], ["hybrid", 0.5]], "ramp": [[0.1, DAY], [1, None]]},
    {"key": "browse-ladder", "iteration": 1, "layer": "browse", "from": 0, "to": 0.5,
     "variants": [["mf-only", 0.25], ["hybrid", 0.25], ["reranked", 0.25], ["diverse", 0.25]], "ramp": [[1, None]]},
    {"key": "browse-interleaving", "iteration": 3, "layer": "browse", "from": 0.5, "to": 1,
     "variants": [["hybrid", 0.9], ["reranked", 0.1]], "ramp": [[0.5, 7 * DAY], [1, None]]},
]


def decide(experiment, unit, at):
    phase, since = -1, START
    for row, (_, length) in enumerate(experiment["ramp"]):
        if at >= since:
            phase = row
        since = since + length if length is not None else float("inf")
    answer = lambda reason, variant=None: {"reason": reason, "variant": variant, "phase": phase}
    if phase < 0:
        return answer("not-started")
    layer = LAYERS[experiment["layer"]]
    holdout = layer.get("holdout")
    if holdout and bucket(holdout["name"], unit) < holdout["share"]:
        return answer("holdout")
    if not experiment["from"] <= bucket(layer["salt"], unit) < experiment["to"]:
        return answer("layer-taken")
    name = f'{experiment["key"]}/{experiment["iteration"]}'
    if bucket(f"{name}/traffic", unit) >= experiment["ramp"][phase][0]:
        return answer("outside-ramp")
    point, end = bucket(f"{name}/variant", unit), 0
    for key, weight in experiment["variants"]:
        end += weight
        if point < end:
            return answer("assigned", key)


TEXTS = ["", "a", "ab", "abc", "abcd", "abcde", "hello, world", "ü", "€", "日本語", "😀", "a😀b", "\u0000", "é" * 33,
         "The quick brown fox jumps over the lazy dog", "homepage-hybrid/1/variant:u-1"]
UNITS = ["", "u-0", "u-1", "42", "zoë", "日本語", "😀", "__proto__", "x" * 300] + [f"u-{n}" for n in range(100, 140)]

print(json.dumps({
    "made": "pip install mmh3 && python3 test/cases/assignment.py; mmh3.hash(text.encode('utf-8'), seed, signed=False)",
    "hash": [{"text": t, "seed": s, "murmur3": murmur3(t, s)} for t in TEXTS for s in (0, 1, 0x9747B28C)],
    "bucket": [{"salt": s, "unit": u, "bucket": bucket(s, u)} for s in ("layer-homepage-1", "é") for u in UNITS[:9]],
    "layers": LAYERS,
    "start": START,
    "experiments": EXPERIMENTS,
    "assignments": [
        {"experiment": e["key"], "unit": u, "at": at, **decide(e, u, at)}
        for e in EXPERIMENTS for u in UNITS for at in (START - 1, START, START + 10 * DAY)
    ],
}, indent=1))
