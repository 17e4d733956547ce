"""Makes shape.json: quantiles with clustered variance, pooled caps and skewness from raw values, by numpy and scipy.

    python3 test/cases/shape.py > test/cases/shape.json

The variance is that of the linearised residuals of the units, never of sums. Values are short decimals, so that the
file holds them exactly.
"""

import json
import math
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261001)


def order(values, q):
    return float(np.quantile(values, q, method="inverted_cdf"))


def quantile_case(name, values, clusters, q):
    value = order(values, q)
    units, index = np.unique(clusters, return_inverse=True)
    x = np.bincount(index).astype(float)
    y = np.array([float(np.sum(values[index == u] <= value)) for u in range(len(units))])
    residual = (y - y.sum() / x.sum() * x) / x.mean()
    deviation = math.sqrt(np.var(residual, ddof=1) / len(units))
    d = 1.25 * deviation
    below, above = value, value
    while not below < value < above:
        below, above = order(values, max(0, q - d)), order(values, min(1, q + d))
        d *= 2
    density = float(np.mean((values > below) & (values <= above))) / (above - below)
    return {"name": name, "values": values.tolist(), "clusters": [int(c) for c in clusters], "q": q, "value": value,
            "units": len(units), "atOrUnder": float(y.sum()), "density": density,
            "standardError": deviation / density}


quantiles = []
for q in (0.5, 0.9, 0.95):
    values = np.round(np.exp(rng.standard_normal(160)), 3)
    quantiles.append(quantile_case(f"one value a unit, {q}", values, np.arange(160), q))
    units = np.repeat(np.arange(60), 1 + rng.poisson(4, 60))
    values = np.round(np.exp(0.6 * rng.standard_normal(60)[units] + 0.6 * rng.standard_normal(len(units))), 3)
    quantiles.append(quantile_case(f"dependent rows, {q}", values, units, q))
    values = np.round(80 * np.exp(0.3 * rng.standard_normal(60)[units] + 0.3 * rng.standard_normal(len(units))))
    quantiles.append(quantile_case(f"whole milliseconds, {q}", values, units, q))
    values = rng.poisson(12, len(units)).astype(float)
    quantiles.append(quantile_case(f"few distinct values, {q}", values, units, q))
values = np.round(np.exp(rng.standard_normal(900)), 2)
quantiles.append(quantile_case("one value a unit, 0.99", values, np.arange(900), 0.99))
quantiles.append(quantile_case("a low quantile, 0.05", values, np.arange(900), 0.05))

caps = []
for q in (0.5, 0.9, 0.99, 0.999):
    for size in (7, 200, 1001):
        arms = [np.round(np.exp(2 * rng.standard_normal(n)) * (rng.random(n) < 0.6), 1) for n in (size, size // 2 + 1)]
        cap = order(np.concatenate(arms), q)
        caps.append({"q": q, "arms": [arm.tolist() for arm in arms], "cap": cap,
                     "sums": [float(np.sum(np.minimum(arm, cap))) for arm in arms],
                     "capped": [int(np.sum(arm > cap)) for arm in arms]})

skews = []
for name, values in {
    "symmetric": np.array([1.0, 2, 3, 4, 5]),
    "one outlier": np.array([0.0] * 60 + [1000.0]),
    "log-normal": np.round(np.exp(rng.standard_normal(300)), 2),
    "zero-inflated": np.round(rng.exponential(40, 300) * (rng.random(300) < 0.1)),
    "left-skewed": np.round(100 - np.exp(rng.standard_normal(200)), 2),
    "far from zero": 1e8 + np.round(np.exp(rng.standard_normal(200)), 1),
}.items():
    skews.append({"name": name, "values": values.tolist(), "skewness": float(stats.skew(values)), "zeros": int(np.sum(values == 0))})

novelty = []
for n, m in ((5, 9), (60, 40), (200, 300)):
    arms = [np.round(rng.gamma(2, 5, (size, 2)), 1) for size in (n, m)]
    for arm in arms:
        arm[:, 0] = np.round(0.5 * arm[:, 0] + 0.5 * arm[:, 1], 1)
    t, c = [arm[:, 0] - arm[:, 1] for arm in arms]
    test = stats.ttest_ind(t, c, equal_var=False)
    se = math.sqrt(np.var(t, ddof=1) / n + np.var(c, ddof=1) / m)
    novelty.append({"arms": [arm.tolist() for arm in arms], "estimate": float(t.mean() - c.mean()), "standardError": se,
                    "statistic": float(test.statistic), "p": float(test.pvalue)})

json.dump({"command": "python3 test/cases/shape.py",
           "version": f"Python {sys.version.split()[0]}, numpy {np.__version__}, scipy {scipy.__version__}",
           "quantiles": quantiles, "caps": caps, "skews": skews, "novelty": novelty}, sys.stdout, separators=(", ", ": "))
print()
