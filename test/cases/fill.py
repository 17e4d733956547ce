"""Makes fill.json: slates by maximal marginal relevance and propensities of Plackett-Luce lists, by numpy in float64.

    /usr/bin/python3 test/cases/fill.py > test/cases/fill.json

Worlds are drawn from a seeded generator; some titles have neither content nor genres.
"""

import json

import numpy as np
from scipy.special import logsumexp

rng = np.random.default_rng(20261122)
NO_GENRE = 255


def world(n, dims):
    vectors = rng.normal(size=(n, dims)) + 1.5 * rng.normal(size=(6, dims))[rng.integers(6, size=n)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[rng.random(n) < 0.15] = 0
    vectors = vectors.astype(np.float32)
    masks = rng.integers(0, 16, size=n)
    primary = np.array([NO_GENRE if m == 0 else int(m & -m).bit_length() - 1 for m in masks])
    scores = rng.normal(size=n).astype(np.float32)
    return vectors, masks, primary, scores


def jaccard(a, b):
    either = bin(a | b).count("1")
    return bin(a & b).count("1") / either if either else 0.0


def similarities(vectors, masks):
    v = vectors.astype(np.float64)
    cosine = v @ v.T
    has = np.abs(v).sum(axis=1) > 0
    genres = np.array([[jaccard(int(a), int(b)) for b in masks] for a in masks])
    return np.where(np.outer(has, has), cosine, genres)


def allowed(primary, cap, taken):
    rest = [i for i in range(len(primary)) if i not in taken]
    held = lambda g: sum(1 for t in taken if primary[t] == g)
    legal = [i for i in rest if cap is None or primary[i] == NO_GENRE or held(primary[i]) < cap]
    return legal or rest


def mmr(n, dims, k, weight, cap):
    vectors, masks, primary, scores = world(n, dims)
    s = scores.astype(np.float64)
    relevance = (s - s.min()) / (s.max() - s.min())
    like = similarities(vectors, masks)
    taken = []
    for _ in range(k):
        legal = allowed(primary, cap, taken)
        nearest = [max([0.0] + [like[i, j] for j in taken]) for i in legal]
        value = weight * relevance[legal] - (1 - weight) * np.array(nearest)
        taken.append(int(legal[int(np.argmax(value))]))
    return {
        "dims": dims, "k": k, "mmr": weight, "genreCap": cap,
        "vectors": [float(x) for x in vectors.ravel()],
        "genreMask": masks.tolist(), "primaryGenre": primary.tolist(),
        "scores": [float(x) for x in scores], "titles": taken,
    }


def plackett_luce(n, temperature, cap, spread):
    _, _, primary, scores = world(n, 2)
    scores = (scores * spread).astype(np.float32)
    s = scores.astype(np.float64)
    taken, chances = [], []
    while len(taken) < min(n, 12):
        legal = allowed(primary, cap, taken)
        logs = s[legal] / temperature - logsumexp(s[legal] / temperature)
        at = int(rng.choice(len(legal), p=np.exp(logs) / np.exp(logs).sum()))
        nxt = int(legal[at])
        chances.append(float(logs[at]))
        taken.append(nxt)
    return {
        "temperature": temperature, "genreCap": cap, "primaryGenre": primary.tolist(),
        "scores": [float(x) for x in scores], "titles": taken, "logPropensities": chances,
    }


print(json.dumps({
    "mmr": [
        mmr(40, 5, 40, 0.7, None), mmr(40, 5, 12, 0.3, None), mmr(40, 5, 40, 0.5, 2),
        mmr(60, 6, 20, 0.05, 3), mmr(60, 7, 20, 0.95, None), mmr(9, 4, 9, 0.5, 1),
    ],
    "plackettLuce": [
        plackett_luce(30, 1.0, None, 1), plackett_luce(30, 0.2, 2, 1), plackett_luce(30, 0.05, None, 1),
        plackett_luce(30, 40.0, 1, 1000), plackett_luce(8, 2.0, 1, 1),
    ],
}, separators=(",", ":")))
