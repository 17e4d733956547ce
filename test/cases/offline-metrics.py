"""Makes offline-metrics.json: measures of ranked slates by set arithmetic and numpy.

    /usr/bin/python3 test/cases/offline-metrics.py > test/cases/offline-metrics.json

NDCG divides by the gains of the best possible slate, Gini is the mean absolute difference over twice the mean, diversity
the mean Jaccard distance of genre sets over pairs whose titles both have genres.
"""

import itertools
import json
import sys

import numpy as np

COMMAND = "/usr/bin/python3 test/cases/offline-metrics.py > test/cases/offline-metrics.json"
rng = np.random.default_rng(4)


def ndcg(slate, relevant, k):
    gains = [1 / np.log2(rank + 2) for rank, title in enumerate(slate[:k]) if title in relevant]
    ideal = [1 / np.log2(rank + 2) for rank in range(min(k, len(relevant)))]
    return sum(gains) / sum(ideal)


def reciprocal(slate, relevant):
    return next((1 / (rank + 1) for rank, title in enumerate(slate[:20]) if title in relevant), 0.0)


def diversity(slate, genres):
    pairs = [
        1 - len(genres[a] & genres[b]) / len(genres[a] | genres[b])
        for a, b in itertools.combinations(slate, 2)
        if genres[a] and genres[b]
    ]
    return float(np.mean(pairs)) if pairs else None


def gini(counts):
    counts = np.asarray(counts, float)
    return float(np.abs(counts[:, None] - counts[None, :]).mean() / (2 * counts.mean()))


worlds = []
for titles, users, most_genres, length in [(60, 12, 3, 20), (200, 15, 5, 20), (30, 8, 2, 25), (500, 10, 1, 12)]:
    genres = [set(int(g) for g in rng.choice(18, rng.integers(0, most_genres + 1), replace=False)) for _ in range(titles)]
    popular = [int(t) for t in rng.permutation(titles)]
    rank = {title: place + 1 for place, title in enumerate(popular)}
    lists, expected = [], []
    counts = np.zeros(titles)
    for _ in range(users):
        slate = [int(t) for t in rng.choice(titles, min(length, titles), replace=False)]
        relevant = set(int(t) for t in rng.choice(titles, rng.integers(1, 30 if titles > 30 else 10), replace=False))
        first = slate[:20]
        counts[first] += 1
        lists.append({"slate": slate, "relevant": sorted(relevant)})
        expected.append(
            {
                "recall10": len(set(slate[:10]) & relevant) / len(relevant),
                "recall20": len(set(first) & relevant) / len(relevant),
                "ndcg10": float(ndcg(slate, relevant, 10)),
                "ndcg20": float(ndcg(slate, relevant, 20)),
                "mrr": reciprocal(slate, relevant),
                "popularityRank": float(np.mean([rank[t] for t in first])),
                "genresPerSlate": len(set().union(*(genres[t] for t in first))),
                "intraListDiversity": diversity(first, genres),
            }
        )
    worlds.append(
        {
            "titles": titles,
            "genreMask": [sum(1 << g for g in own) for own in genres],
            "popular": popular,
            "lists": lists,
            "byUser": expected,
            "coverage": float((counts > 0).mean()),
            "gini": gini(counts),
        }
    )

json.dump({"command": COMMAND, "version": f"numpy {np.__version__}", "worlds": worlds}, sys.stdout)
sys.stdout.write("\n")
