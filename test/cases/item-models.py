"""Makes item-models.json: item-kNN, EASE and inverses of positive definite matrices, by dense numpy linear algebra.

    /usr/bin/python3 test/cases/item-models.py > test/cases/item-models.json

Histories are drawn from a seeded generator with titles of uneven popularity. Matrices of the inverses are given by a
formula that both sides evaluate.
"""

import json
import sys

import numpy as np
import scipy

COMMAND = "/usr/bin/python3 test/cases/item-models.py > test/cases/item-models.json"
rng = np.random.default_rng(20261122)


def histories(users, titles, mean):
    share = 1 / (1 + np.arange(titles)) ** 0.7
    share = rng.permutation(share / share.sum())
    lengths = np.clip(rng.poisson(mean, users), 1, titles - 1)
    return [sorted(int(t) for t in rng.choice(titles, n, replace=False, p=share)) for n in lengths]


def dense(rows, titles):
    x = np.zeros((len(rows), titles))
    for user, own in enumerate(rows):
        x[user, own] = 1
    return x


def knn(x, k, shrink):
    together = x.T @ x
    norm = np.sqrt(np.diag(together))
    likeness = together / (np.outer(norm, norm) + shrink)
    likeness[together == 0] = 0
    np.fill_diagonal(likeness, 0)
    # A stable sort keeps ascending rows where likenesses are equal; single precision does not part equal ones.
    order = np.argsort(-likeness.astype(np.float32), axis=1, kind="stable")[:, :k]
    kept = np.zeros_like(likeness)
    np.put_along_axis(kept, order, np.take_along_axis(likeness, order, 1), 1)
    return kept, order


def ease(x, penalty):
    # Titles without users keep row and column 0.
    some = x.sum(0) > 0
    p = np.linalg.inv(x[:, some].T @ x[:, some] + penalty * np.eye(some.sum()))
    b = -p / np.diag(p)[None, :]
    np.fill_diagonal(b, 0)
    out = np.zeros((x.shape[1], x.shape[1]))
    out[np.ix_(some, some)] = b
    return out


def recommend(scores, history, count):
    scores = scores.copy()
    scores[history] = -np.inf
    return [int(t) for t in np.argsort(-scores, kind="stable")[:count]]


cases = []
for name, users, titles, mean, neighbours, shrink, penalty in [
    ("few users", 30, 80, 9, 10, 10, 20),
    ("many users", 120, 40, 7, 5, 0, 5),
    ("several blocks", 400, 150, 12, 20, 10, 100),
    ("several blocks of users", 140, 220, 15, 20, 3, 50),
]:
    rows = histories(users, titles, mean)
    x = dense(rows, titles)
    kept, order = knn(x, neighbours, shrink)
    b = ease(x, penalty)
    entries = [[int(i), int(j)] for i, j in zip(rng.integers(0, titles, 40), rng.integers(0, titles, 40))]
    viewers = [int(u) for u in rng.integers(0, users, 6)]
    cases.append(
        {
            "name": name,
            "titles": titles,
            "histories": rows,
            "neighbours": neighbours,
            "shrink": shrink,
            "lambda": penalty,
            "nearest": [
                {
                    "title": t,
                    "titles": [int(j) for j in order[t] if kept[t, j] > 0],
                    "similarities": [float(kept[t, j]) for j in order[t] if kept[t, j] > 0],
                }
                for t in range(0, titles, titles // 10)
            ],
            "weights": [[i, j, float(b[i, j])] for i, j in entries],
            "viewers": [
                {
                    "user": u,
                    "itemKnn": [float(v) for v in kept @ x[u]],
                    "ease": [float(v) for v in x[u] @ b],
                    "bestByEase": recommend(x[u] @ b, rows[u], 10),
                }
                for u in viewers
            ],
        }
    )

inverses = []
for order in (1, 2, 63, 64, 65, 129, 200):
    i = np.arange(order)
    a = 1 / (1 + np.abs(i[:, None] - i[None, :])) + np.cos(i[:, None] + 1) * np.cos(i[None, :] + 1)
    a += 0.25 * np.eye(order)
    p = np.linalg.inv(a)
    picked = [[int(r), int(c)] for r, c in zip(rng.integers(0, order, 12), rng.integers(0, order, 12))]
    inverses.append({"order": order, "entries": [[r, c, float(p[r, c])] for r, c in picked]})

json.dump(
    {
        "command": COMMAND,
        "version": f"numpy {np.__version__}, scipy {scipy.__version__}",
        "inverses": inverses,
        "cases": cases,
    },
    sys.stdout,
)
sys.stdout.write("\n")
