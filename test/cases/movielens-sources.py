"""Makes movielens-sources.json: popularity, item-kNN and EASE on ml-latest-small by each protocol, in numpy.

    /usr/bin/python3 test/cases/movielens-sources.py ../shared/data/ml-latest-small > test/cases/movielens-sources.json

Positives are ratings of 4 and more, in train and among what is held out; nothing a user rated in their history is ranked;
ties by ascending row of movies.csv. Recall is over all held-out positives of a user. EASE goes by the users' matrix:
with G = X' (lambda I + X X')^-1 X the weights are G_ij / (1 - G_jj).
"""

import csv
import gzip
import json
import sys

import numpy as np

FOLDER = sys.argv[1]
COMMAND = "/usr/bin/python3 test/cases/movielens-sources.py ../shared/data/ml-latest-small > test/cases/movielens-sources.json"
NEIGHBOURS, SHRINK, LAMBDA = 100, 10, 500


def rows(name):
    with gzip.open(f"{FOLDER}/{name}.csv.gz", "rt", encoding="utf8") as file:
        return list(csv.reader(file))[1:]


row_of = {movie[0]: row for row, movie in enumerate(rows("movies"))}
titles = len(row_of)
user_of = {}
ratings = []
for user, movie, stars, at in rows("ratings"):
    ratings.append((int(at), user_of.setdefault(user, len(user_of)), row_of[movie], float(stars)))
ratings.sort(key=lambda r: r[:3])
users = len(user_of)
histories = [[r for r in ratings if r[1] == user] for user in range(users)]


def leave_last():
    known, late = [], []
    for own in histories:
        cut = int(0.8 * len(own))
        known += own[:cut]
        late += own[cut:]
    return known, known, [r for r in late if r[3] >= 4]


def next_5():
    known, late = [], []
    for own in histories:
        cut = len(own) - 5 if len(own) >= 10 else len(own)
        known += own[:cut]
        late += own[cut:]
    return known, known, late


def temporal():
    day = ratings[int(0.8 * len(ratings))][0] // 86400
    moment = 86400 * day
    known = [r for r in ratings if r[0] < moment]
    met = {r[1] for r in known}
    return known, known, [r for r in ratings if r[0] >= moment and r[1] in met and r[3] >= 4]


def strong():
    train = [r for r in ratings if r[1] % 5 != 4]
    history, late = list(train), []
    for user in range(4, users, 5):
        own = histories[user]
        cut = int(0.8 * len(own))
        history += own[:cut]
        late += own[cut:]
    return train, history, [r for r in late if r[3] >= 4]


def dense(of):
    x = np.zeros((users, titles))
    for _, user, title, stars in of:
        if stars >= 4:
            x[user, title] = 1
    return x


def knn(train, history):
    some = np.flatnonzero(train.sum(0))
    x = train[:, some]
    together = x.T @ x
    norm = np.sqrt(np.diag(together))
    likeness = together / (np.outer(norm, norm) + SHRINK)
    np.fill_diagonal(likeness, 0)
    order = np.argsort(-likeness.astype(np.float32), axis=1, kind="stable")[:, :NEIGHBOURS]
    kept = np.zeros_like(likeness)
    np.put_along_axis(kept, order, np.take_along_axis(likeness, order, 1), 1)
    scores = np.zeros((users, titles))
    scores[:, some] = history[:, some] @ kept.T
    return scores


def ease(train, history):
    z = np.linalg.solve(LAMBDA * np.eye(users) + train @ train.T, train)
    diagonal = (train * z).sum(0)
    return (history @ train.T @ z - history * diagonal) / (1 - diagonal)


def measure(scores, seen, relevant):
    discount = 1 / np.log2(np.arange(2, 22))
    found = []
    for user, wanted in relevant.items():
        own = scores[user].astype(np.float32).copy()
        own[list(seen[user])] = -np.inf
        hits = np.array([title in wanted for title in np.argsort(-own, kind="stable")[:20]])
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


protocols = []
for name, split in [
    ("leave-last", leave_last),
    ("next-5", next_5),
    ("temporal", temporal),
    ("strong-generalisation", strong),
]:
    train, history, late = split()
    seen = [set() for _ in range(users)]
    for _, user, title, _ in history:
        seen[user].add(title)
    relevant = {}
    for _, user, title, _ in late:
        if title not in seen[user]:
            relevant.setdefault(user, set()).add(title)
    x, h = dense(train), dense(history)
    protocols.append(
        {
            "protocol": name,
            "users": len(relevant),
            "popularity": measure(np.tile(x.sum(0), (users, 1)), seen, relevant),
            "itemKnn": measure(knn(x, h), seen, relevant),
            "ease": measure(ease(x, h), seen, relevant),
        }
    )

json.dump({"command": COMMAND, "version": f"numpy {np.__version__}", "protocols": protocols}, sys.stdout, indent=1)
sys.stdout.write("\n")
