"""Expected answers of methods by name, from scipy and statsmodels.

Run: /usr/bin/python3 test/cases/methods.py > test/cases/methods.json
"""

import json
import math

import mpmath
import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats import multitest, proportion

rng = np.random.default_rng(20)
cases = []


def add(method, given, **expected):
    cases.append({"method": method, "input": given, "expected": {k.replace("__", "."): float(v) for k, v in expected.items()}})


def t_quantile(tail, df):
    """scipy's own is off by 5e-10 at fractional degrees of freedom."""
    mpmath.mp.dps = 30
    df = mpmath.mpf(df)
    off = lambda t: mpmath.betainc(df / 2, mpmath.mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2 - tail
    return float(mpmath.findroot(off, stats.t.isf(tail, float(df))))


def welch(t, c, alpha=0.05):
    a, b = np.asarray(t), np.asarray(c)
    va, vb = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    se = math.sqrt(va + vb)
    df = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    d = a.mean() - b.mean()
    half = t_quantile(alpha / 2, df) * se
    p = 2 * stats.t.sf(abs(d / se), df)
    return {"estimate": d, "standardError": se, "df": df, "statistic": d / se, "p": p, "interval__0": d - half, "interval__1": d + half}


for n, m, shift in [(5, 7, 0.0), (40, 25, 0.5), (300, 200, 1.0), (1000, 1000, 0.05)]:
    t = np.round(rng.lognormal(shift, 1, n), 6)
    c = np.round(rng.lognormal(0, 1, m), 6)
    add("welch", {"treatment": {"values": t.tolist()}, "control": {"values": c.tolist()}}, **welch(t, c))
    add(
        "welch",
        {
            "treatment": {"n": n, "mean": t.mean(), "variance": t.var(ddof=1)},
            "control": {"n": m, "sum": c.sum(), "sumOfSquares": (c**2).sum()},
            "alpha": 0.01,
        },
        **welch(t, c, 0.01),
    )
    add("describe", {"values": t.tolist()}, n=n, mean=t.mean(), variance=t.var(ddof=1), standardDeviation=t.std(ddof=1))

later, earlier = rng.normal(3, 1, (2, 50)).round(6), rng.normal(2, 1, (2, 50)).round(6)
add(
    "novelty",
    {
        "treatment": {"later": later[0].tolist(), "earlier": earlier[0].tolist()},
        "control": {"later": later[1].tolist(), "earlier": earlier[1].tolist()},
    },
    **welch(later[0] - earlier[0], later[1] - earlier[1]),
)

for x, n, y, m in [(45, 100, 30, 110), (500, 4000, 460, 4100), (12, 40, 25, 60), (900, 1000, 850, 1000)]:
    given = {"treatment": {"successes": x, "trials": n}, "control": {"successes": y, "trials": m}}
    z, p = proportion.proportions_ztest([x, y], [n, m])
    add("two-proportion-z-pooled", given, statistic=z, p=p, estimate=x / n - y / m)
    se = math.sqrt(x / n * (1 - x / n) / n + y / m * (1 - y / m) / m)
    low, high = proportion.confint_proportions_2indep(x, n, y, m, method="wald")
    wald = (x / n - y / m) / se
    add("two-proportion-z-unpooled", given, standardError=se, statistic=wald, p=2 * stats.norm.sf(abs(wald)), interval__0=low, interval__1=high)
    low, high = proportion.confint_proportions_2indep(x, n, y, m, method="newcomb")
    add("newcombe", given, interval__0=low, interval__1=high)
    low, high = proportion.proportion_confint(x, n, method="wilson")
    add("wilson", given["treatment"], interval__0=low, interval__1=high)

ps = [0.0001, 0.004, 0.019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1.0]
for name, theirs in [("bonferroni", "bonferroni"), ("holm", "holm"), ("hochberg", "simes-hochberg"), ("bh", "fdr_bh"), ("by", "fdr_by")]:
    for family in (ps, [0.04, 0.01, 0.03]):
        adjusted = multitest.multipletests(family, method=theirs)[1]
        add(name, {"p": family}, **{f"adjusted__{i}": p for i, p in enumerate(adjusted)})

for units, weights in [([5012, 4988], [1, 1]), ([44700, 45489], [0.5, 0.5]), ([950, 8900, 120], [0.1, 0.89, 0.01])]:
    expected = sum(units) * np.asarray(weights) / sum(weights)
    x, p = stats.chisquare(units, expected)
    arms = [{"arm": str(i), "units": u, "weight": w} for i, (u, w) in enumerate(zip(units, weights))]
    add("sample-ratio", {"arms": arms + [{"arm": "off", "units": 0, "weight": 0}]}, statistic=x, df=len(units) - 1, p=p)

for first, second in [(30, 45), (5, 1), (400, 380)]:
    p = stats.binomtest(second, first + second, 0.5).pvalue
    low, high = proportion.proportion_confint(second, first + second, method="beta")
    add("preference-sign", {"firstWins": first, "secondWins": second}, p=p, interval__0=low - 0.5, interval__1=high - 0.5)

d = rng.integers(-3, 4, 60) + 0.0
t, p = stats.ttest_1samp(d, 0)
add("preference-t", {"n": 60, "sum": d.sum(), "sumOfSquares": (d**2).sum()}, statistic=t, p=p, estimate=d.mean())

mpmath.mp.dps = 40
for z in (-3.0, 0.5, 6.0, 37.0, 60.0):
    log = mpmath.log10(mpmath.erfc(mpmath.mpf(z) / mpmath.sqrt(2)) / 2)
    add("normal-tail", {"z": z}, log10P=log)
for t, df in [(2.0, 5), (12.0, 30.5), (40.0, 400)]:
    add("student-tail", {"t": t, "df": df}, p=stats.t.sf(t, df))
for x, df in [(3.84, 1), (80.0, 1), (15.0, 9.0)]:
    add("chi-square-tail", {"x": x, "df": df}, p=stats.chi2.sf(x, df))
add("f-tail", {"f": 4.2, "d1": 3, "d2": 40}, p=stats.f.sf(4.2, 3, 40))
add("beta-tail", {"x": 0.7, "a": 2.5, "b": 8}, p=stats.beta.sf(0.7, 2.5, 8))

prior, estimate, se = (0.0, 0.05), 0.03, 0.02
v = 1 / (1 / prior[1] ** 2 + 1 / se**2)
mean = v * estimate / se**2
sd = math.sqrt(v)
add(
    "normal-posterior",
    {"prior": {"mean": 0, "standardDeviation": 0.05}, "estimate": estimate, "standardError": se},
    mean=mean,
    standardDeviation=sd,
    chancePositive=stats.norm.sf(-mean / sd),
    expectedLoss=sd * stats.norm.pdf(mean / sd) - mean * stats.norm.sf(mean / sd),
)

json.dump(
    {
        "command": "/usr/bin/python3 test/cases/methods.py > test/cases/methods.json",
        "version": f"scipy {scipy.__version__}, statsmodels {statsmodels.__version__}, mpmath {mpmath.__version__}",
        "cases": cases,
    },
    __import__("sys").stdout,
    indent=1,
)
print()
