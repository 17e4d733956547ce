"""A table of units and what analysing it should find, from numpy, scipy and statsmodels.

Run: /usr/bin/python3 test/cases/analyze.py > test/cases/analyze.json
"""

import json
import math
import sys

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import stats

rng = np.random.default_rng(7)
n = 900
arm = rng.choice(["gate_30", "gate_40", "gate_50"], n, p=[0.4, 0.4, 0.2])
platform = rng.choice(["ios", "android"], n, p=[0.3, 0.7])
treated = (arm != "gate_30").astype(float)
before = np.round(rng.gamma(1.2, 20, n), 3)
before_missing = rng.random(n) < 0.05
rounds = np.round(0.8 * before + rng.gamma(1, 15, n) + 2 * treated * (platform == "ios"), 3)
rounds_missing = rng.random(n) < 0.04
# Far from 0 against its spread.
stamp = 1000 + np.round(rng.normal(0, 3, n) + 0.5 * treated, 2)
back = (rng.random(n) < 0.3 + 0.05 * treated).astype(int)
views = rng.poisson(20, n) + 1
clicks = rng.binomial(views, 0.2 + 0.02 * treated)
load_ms = np.round(rng.lognormal(5, 0.6, n), 2)

columns = {
    "userid": [f"u{i}" for i in range(n)],
    "version": arm.tolist(),
    "platform": platform.tolist(),
    "before": [None if m else v for v, m in zip(before.tolist(), before_missing)],
    "rounds": [None if m else v for v, m in zip(rounds.tolist(), rounds_missing)],
    "stamp": stamp.tolist(),
    "back": back.tolist(),
    "views": views.tolist(),
    "clicks": clicks.tolist(),
    "load_ms": load_ms.tolist(),
}

control = arm == "gate_30"
expected = {}


def welch(a, b):
    va, vb = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    t, p = stats.ttest_ind(a, b, equal_var=False)
    df = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    return {"estimate": a.mean() - b.mean(), "standardError": math.sqrt(va + vb), "statistic": t, "df": df, "p": p}


def delta(y, x):
    r = y.sum() / x.sum()
    return r, np.var(y - r * x, ddof=1) / len(y) / x.mean() ** 2


given = ~rounds_missing
cap = np.quantile(rounds[given], 0.95, method="inverted_cdf")
imputed = np.where(before_missing, before[~before_missing].mean(), before)
for name in ("gate_40", "gate_50"):
    t = arm == name
    own = {}
    own["rounds"] = welch(rounds[t & given], rounds[control & given])
    own["capped"] = welch(np.minimum(rounds, cap)[t & given], np.minimum(rounds, cap)[control & given])
    own["stamp"] = welch(stamp[t], stamp[control])
    share_t, share_c = back[t].mean(), back[control].mean()
    se = math.sqrt(share_t * (1 - share_t) / t.sum() + share_c * (1 - share_c) / control.sum())
    z = (share_t - share_c) / se
    own["back"] = {"estimate": share_t - share_c, "standardError": se, "statistic": z, "p": 2 * stats.norm.sf(abs(z))}
    (rt, vt), (rc, vc) = delta(clicks[t], views[t]), delta(clicks[control], views[control])
    own["ctr"] = {"estimate": rt - rc, "standardError": math.sqrt(vt + vc)}
    own["load_ms"] = {
        "estimate": np.quantile(load_ms[t], 0.9, method="inverted_cdf") - np.quantile(load_ms[control], 0.9, method="inverted_cdf")
    }
    # The adjusted difference with theta pooled over all arms is the arm's coefficient in a regression on arms and covariate.
    design = np.column_stack([np.ones(n), arm == "gate_40", arm == "gate_50", imputed])[given].astype(float)
    fit = sm.OLS(rounds[given], design).fit()
    own["adjusted"] = {"estimate": fit.params[1 if name == "gate_40" else 2]}
    # Post-stratified by platform, weights pooled over all arms.
    weights = {p: (platform == p).mean() for p in ("ios", "android")}
    own["stratified"] = {
        "estimate": sum(w * (stamp[t & (platform == p)].mean() - stamp[control & (platform == p)].mean()) for p, w in weights.items())
    }
    expected[name] = own

units = [int((arm == a).sum()) for a in ("gate_30", "gate_40", "gate_50")]
x, p = stats.chisquare(units, n * np.array([0.4, 0.4, 0.2]))
table = np.array([[(rounds_missing & (arm == a)).sum(), (given & (arm == a)).sum()] for a in ("gate_30", "gate_40", "gate_50")])
json.dump(
    {
        "command": "/usr/bin/python3 test/cases/analyze.py > test/cases/analyze.json",
        "version": f"numpy {np.__version__}, scipy {scipy.__version__}, statsmodels {statsmodels.__version__}",
        "units": units,
        "cap": float(cap),
        "sampleRatio": {"statistic": float(x), "df": 2, "p": float(p)},
        "missing": {"rounds": int(rounds_missing.sum()), "before": int(before_missing.sum()), "p": float(stats.chi2_contingency(table, correction=False)[1])},
        "expected": {a: {m: {k: float(v) for k, v in e.items()} for m, e in own.items()} for a, own in expected.items()},
        "columns": columns,
    },
    sys.stdout,
)
print()
