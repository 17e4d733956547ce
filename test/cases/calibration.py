"""Expected values of test/ranking/calibration.test.ts, by scikit-learn (calibration_curve, unpenalised
logistic regression) and scipy (Wilson's interval).

    /usr/bin/python3 test/cases/calibration.py > test/cases/calibration.json
"""
import json
import sys

import numpy as np
import scipy
import sklearn
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression


def case(name, slope, intercept, n, seed, digits=None):
    """Scores that are miscalibrated by a known line: logit P(positive) = intercept + slope x logit(score)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-1.5, 1.3, n)
    scores = 1 / (1 + np.exp(-logits))
    if digits is not None:  # ties
        scores = np.clip(np.round(scores, digits), 0.01, 0.99)
        logits = np.log(scores / (1 - scores))
    labels = (rng.random(n) < 1 / (1 + np.exp(-(intercept + slope * logits)))).astype(int)
    observed, predicted = calibration_curve(labels, scores, n_bins=10, strategy="quantile")
    cuts = np.percentile(scores, np.linspace(0, 1, 11) * 100)
    bins = np.searchsorted(cuts[1:-1], scores)
    counts = np.bincount(bins, minlength=10)
    positives = np.bincount(bins, weights=labels, minlength=10).astype(int)
    kept = counts > 0
    counts, positives = counts[kept], positives[kept]
    assert np.allclose(positives / counts, observed)
    intervals = [
        list(binomtest(int(k), int(m)).proportion_ci(0.95, method="wilson")) for k, m in zip(positives, counts)
    ]
    line = LogisticRegression(penalty=None, tol=1e-10, max_iter=1000).fit(logits[:, None], labels)
    return {
        "name": name,
        "scores": [round(float(s), 6) for s in scores],
        "labels": labels.tolist(),
        "bins": [
            {"count": int(m), "predicted": float(p), "observed": float(o), "interval": i}
            for m, p, o, i in zip(counts, predicted, observed, intervals)
        ],
        "expectedError": float(np.sum(counts * np.abs(predicted - observed)) / n),
        "slope": float(line.coef_[0, 0]),
        "intercept": float(line.intercept_[0]),
    }


json.dump(
    {
        "versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
        "cases": [
            case("calibrated", 1, 0, 600, 1),
            case("too sure", 0.5, 0, 600, 2),
            case("too shy and too high", 1.8, -0.7, 600, 3),
            case("with many ties", 0.7, 0.4, 600, 4, digits=1),
        ],
    },
    sys.stdout,
)
