"""Scores of two models of a team's own, by the software that made them.

    /usr/bin/python3 test/cases/declared-models.py > test/cases/declared-models.json

scikit-learn 1.2.1 (gradient-boosted trees), numpy 1.24 (a wide & deep network in single precision).
"""

import json

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

random = np.random.default_rng(11)
BATCH, SLOTS, TITLES = 3, 5, 12

# What is fed: features as Screentest names them. Users repeat over their candidates.
activity = random.random(BATCH, dtype=np.float32)
popularity = random.random(TITLES, dtype=np.float32)
candidates = random.integers(0, TITLES, (BATCH, SLOTS))
content = random.random((BATCH, SLOTS), dtype=np.float32)
collaborative = random.random((BATCH, SLOTS), dtype=np.float32)
rows = np.stack(
    [np.repeat(activity, SLOTS), popularity[candidates].ravel(), content.ravel(), collaborative.ravel()], axis=1
)


def trees():
    x = random.random((2000, 4)).astype(np.float32)
    logit = 4 * x[:, 3] * x[:, 0] + 2 * x[:, 2] - 2 * x[:, 1] - 1
    y = random.random(2000) < 1 / (1 + np.exp(-logit))
    model = GradientBoostingClassifier(n_estimators=20, max_depth=3, random_state=3).fit(x, y)
    nodes, leaves = [], []
    for number, (estimator,) in enumerate(model.estimators_):
        tree = estimator.tree_
        for node in range(tree.node_count):
            leaf = bool(tree.children_left[node] < 0)
            nodes.append(
                [
                    number,
                    node,
                    0 if leaf else int(tree.feature[node]),
                    0.0 if leaf else float(tree.threshold[node]),
                    0 if leaf else int(tree.children_left[node]),
                    0 if leaf else int(tree.children_right[node]),
                    int(leaf),
                ]
            )
            if leaf:
                leaves.append([number, node, float(model.learning_rate * tree.value[node, 0, 0])])
    prior = y.mean()
    return {
        "columns": ["tree", "node", "feature", "threshold", "at most", "above", "leaf"],
        "nodes": nodes,
        "leaves": leaves,
        "base": float(np.log(prior / (1 - prior))),
        "expected": model.predict_proba(rows)[:, 1].reshape(BATCH, SLOTS).tolist(),
    }


def wide_and_deep():
    f = np.float32
    embeddings = random.normal(size=(TITLES, 3)).astype(f)
    first, first_bias = random.normal(size=(7, 8)).astype(f), random.normal(size=8).astype(f)
    last = random.normal(size=(8, 1)).astype(f)
    wide = random.normal(size=(2, 1)).astype(f)
    deep = np.concatenate([rows, embeddings[candidates.ravel()]], axis=1)
    hidden = np.maximum(deep @ first + first_bias, 0)
    logit = hidden @ last + rows[:, 2:] @ wide
    return {
        "embeddings": embeddings.tolist(),
        "first": first.tolist(),
        "firstBias": first_bias.tolist(),
        "last": last.tolist(),
        "wide": wide.tolist(),
        "expected": (1 / (1 + np.exp(-logit))).reshape(BATCH, SLOTS).tolist(),
    }


print(
    json.dumps(
        {
            "batch": BATCH,
            "slots": SLOTS,
            "titles": TITLES,
            "activity": activity.tolist(),
            "popularity": popularity.tolist(),
            "candidates": candidates.tolist(),
            "content": content.tolist(),
            "collaborative": collaborative.tolist(),
            "trees": trees(),
            "wideAndDeep": wide_and_deep(),
        }
    )
)
