"""Makes ials-parity.json: popularity, item-kNN, EASE and iALS on ml-latest-small, in numpy alone.

    /usr/bin/python3 test/cases/ials-parity.py ../shared/data/ml-latest-small > test/cases/ials-parity.json

The split has the shape of ml-100k's ua files, a tenth of each user held out whatever its time: of a user's ratings by time,
then by row of movies.csv, those whose place from 0 leaves 9 when divided by 10. Positives are ratings of 4 and more, in train and
held out. All titles but those a user rated in train are ranked, ties by ascending row; recall is over all held-out positives of a user.

iALS after Rendle, Krichene, Zhang, Koren 2021, "Revisiting the performance of iALS on item recommendation benchmarks": minimises

    sum over positives of (x'y - 1)^2 + alpha0 sum over all pairs of (x'y)^2
        + lambda sum over users of (positives + alpha0 titles)^nu |x|^2 + the same over titles

by exact alternating solves, users first, from normal title vectors of standard deviation 0.1 / sqrt(d); users are solved once more
after the last titles.
"""

import csv
import gzip
import json
import sys

import numpy as np

FOLDER = sys.argv[1]
COMMAND = "/usr/bin/python3 test/cases/ials-parity.py ../shared/data/ml-latest-small > test/cases/ials-parity.json"
NEIGHBOURS, SHRINK, LAMBDA = 100, 10, 500
SETTINGS = [
    {"factors": 16, "lambda": 0.005, "alpha0": 1, "nu": 1, "iterations": 16},
    {"factors": 13, "lambda": 0.02, "alpha0": 0.2, "nu": 0.7, "iterations": 16},
]
SEEDS = [1, 2, 3]


def rows(name):
    with gzip.open(f"{FOLDER}/{name}.csv.gz", "rt", encoding="utf8") as file:
        return list(csv.reader(file))[1:]


row_of = {movie[0]: row for row, movie in enumerate(rows("movies"))}
titles = len(row_of)
own = {}
for user, movie, stars, at in rows("ratings"):
    own.setdefault(user, []).append((int(at), row_of[movie], float(stars)))
users = len(own)
train = np.zeros((users, titles))
seen = np.zeros((users, titles), bool)
relevant = [set() for _ in range(users)]
for user, history in enumerate(own.values()):
    for place, (_, title, stars) in enumerate(sorted(history)):
        if place % 10 == 9:
            if stars >= 4:
                relevant[user].add(title)
        else:
            seen[user, title] = True
            train[user, title] = stars >= 4


def measure(scores):
    discount = 1 / np.log2(np.arange(2, 22))
    found = []
    for user, wanted in enumerate(relevant):
        if not wanted:
            continue
        scored = np.where(seen[user], -np.inf, scores[user].astype(np.float32))
        hits = np.array([title in wanted for title in np.argsort(-scored, kind="stable")[:20]])
        ideal = np.cumsum(discount)[[min(10, len(wanted)) - 1, min(20, len(wanted)) - 1]]
        found.append(
            [
                hits[:10].sum() / len(wanted),
                hits.sum() / len(wanted),
                (hits * discount)[:10].sum() / ideal[0],
                (hits * discount).sum() / ideal[1],
            ]
        )
    return dict(zip(["recall10", "recall20", "ndcg10", "ndcg20"], map(float, np.mean(found, 0))))


def knn():
    together = train.T @ train
    norm = np.sqrt(np.diag(together))
    likeness = together / (np.outer(norm, norm) + SHRINK)
    np.fill_diagonal(likeness, 0)
    order = np.argsort(-likeness.astype(np.float32), axis=1, kind="stable")[:, :NEIGHBOURS]
    kept = np.zeros_like(likeness)
    np.put_along_axis(kept, order, np.take_along_axis(likeness, order, 1), 1)
    return train @ kept.T


def ease():
    z = np.linalg.solve(LAMBDA * np.eye(users) + train @ train.T, train)
    diagonal = (train * z).sum(0)
    return (train @ train.T @ z - train * diagonal) / (1 - diagonal)


def solved(positives, others, setting):
    gram = setting["alpha0"] * others.T @ others
    out = np.zeros((len(positives), setting["factors"]))
    for row, observed in enumerate(positives):
        y = others[np.flatnonzero(observed)]
        penalty = setting["lambda"] * (len(y) + setting["alpha0"] * len(others)) ** setting["nu"]
        out[row] = np.linalg.solve(gram + y.T @ y + penalty * np.eye(len(gram)), y.sum(0))
    return out


def ials(setting, seed):
    rng = np.random.default_rng(seed)
    y = rng.normal(0, 0.1 / np.sqrt(setting["factors"]), (titles, setting["factors"]))
    for _ in range(setting["iterations"]):
        x = solved(train, y, setting)
        y = solved(train.T, x, setting)
    return solved(train, y, setting) @ y.T


json.dump(
    {
        "command": COMMAND,
        "software": f"Python {sys.version.split()[0]}, numpy {np.__version__}",
        "users": sum(1 for wanted in relevant if wanted),
        "popularity": measure(np.tile(train.sum(0), (users, 1))),
        "itemKnn": measure(knn()),
        "ease": measure(ease()),
        "ials": [{**setting, "seeds": [measure(ials(setting, seed)) for seed in SEEDS]} for setting in SETTINGS],
    },
    sys.stdout,
    indent=1,
)
print()
