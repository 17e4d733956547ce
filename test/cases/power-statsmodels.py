"""Expected values of test/cases/power-statsmodels.json: z power of shares and the example of a 95 % / 5 % split. Run in the
repository root:
  /usr/bin/python3 test/cases/power-statsmodels.py > test/cases/power-statsmodels.json
"""
import json
import math

import scipy
import statsmodels
from scipy.optimize import brentq
from statsmodels.stats.power import NormalIndPower, TTestIndPower, normal_power_het


def share_power(control, delta, nt, nc, alpha):
    """Unpooled z: one standard deviation, of the alternative, under both hypotheses."""
    treatment = control + delta
    std = math.sqrt(treatment * (1 - treatment) + control * (1 - control) * nt / nc)
    return normal_power_het(delta, nt, alpha, std_null=std, std_alternative=std, alternative="two-sided")


def share_units(control, delta, ratio, alpha, power):
    """Units of the treatment; the control has `ratio` times as many."""
    return brentq(lambda n: share_power(control, delta, n, n * ratio, alpha) - power, 2, 1e10, xtol=1e-9, rtol=1e-14)


shares = [
    dict(control=c, delta=d, treatmentUnits=nt, controlUnits=nc, alpha=a, power=float(share_power(c, d, nt, nc, a)))
    for c, d, nt, nc, a in [
        (0.182, 0.00364, 50_000, 50_000, 0.05), (0.182, 0.00364, 90_000, 1_710_000, 0.05), (0.182, -0.00364, 90_000, 1_710_000, 0.05),
        (0.5, 0.02, 4_000, 9_000, 0.05), (0.5, 0.02, 9_000, 4_000, 0.01), (0.1, 0.01, 8_000, 8_000, 0.05),
        (0.01, 0.001, 120_000, 150_000, 0.05), (0.95, 0.01, 3_000, 5_000, 0.025), (0.001, 0.0002, 500_000, 500_000, 0.05),
        (0.68, 0.05, 800, 800, 0.05), (0.82, 0.03, 2_000, 2_000, 0.0125),
    ]
]
share_sizes = [
    dict(control=c, delta=d, ratio=r, alpha=a, power=p, treatmentUnits=float(share_units(c, d, r, a, p)))
    for c, d, r, a, p in [
        (0.182, 0.00364, 1, 0.05, 0.8), (0.182, 0.00364, 19, 0.05, 0.9), (0.1, 0.01, 1, 0.05, 0.8), (0.1, 0.01, 3, 0.01, 0.8),
        (0.5, -0.02, 1 / 3, 0.05, 0.9), (0.001, 0.0002, 1, 0.05, 0.8),
    ]
]

# Unequal allocation of means with one spread; thousands of units, where Welch's and the pooled df tell nothing apart.
means = [
    dict(d=d, treatmentUnits=n, ratio=r, alpha=a, power=float(TTestIndPower().power(d, n, a, ratio=r)))
    for d, n, r, a in [(0.05, 4_000, 19, 0.05), (0.0186667, 23_000, 19, 0.05), (0.03, 10_000, 1, 0.05), (0.02, 30_000, 4, 0.01)]
]
mean_sizes = [
    dict(d=d, ratio=r, alpha=a, power=p, treatmentUnits=float(TTestIndPower().solve_power(d, alpha=a, power=p, ratio=r)))
    for d, r, a, p in [(0.168 / 9, 19, 0.05, 0.8), (0.168 / 9, 19, 0.05, 0.9), (0.02, 1, 0.05, 0.8)]
]
normals = [
    dict(d=d, treatmentUnits=n, ratio=r, alpha=a, power=float(NormalIndPower().power(d, n, a, ratio=r)))
    for d, n, r, a in [(0.01, 1_000_000, 19, 0.05), (0.005, 2_000_000, 3, 0.001), (0.003, 900_000, 1, 0.05)]
]

# 95 % / 5 %, 2 % relative, alpha 5 %: click-through rate 18.2 % as a share of users, watch time 8.4 h/week with an
# assumed standard deviation of 9 h.
DELTA_CTR, D_WATCH = 0.182 * 0.02, 8.4 * 0.02 / 9
example = dict(
    clickThrough=[dict(power=p, treatmentUnits=float(share_units(0.182, DELTA_CTR, 19, 0.05, p))) for p in (0.8, 0.9)],
    watch=[dict(power=p, treatmentUnits=float(TTestIndPower().solve_power(D_WATCH, alpha=0.05, power=p, ratio=19))) for p in (0.8, 0.9)],
    reached=[
        dict(treatmentUnits=nt, controlUnits=nc, clickThrough=float(share_power(0.182, DELTA_CTR, nt, nc, 0.05)),
             watch=float(NormalIndPower().power(D_WATCH, nt, 0.05, ratio=nc / nt)))
        for nt, nc in [(10_000_000, 190_000_000), (1_000_000, 19_000_000), (10_000_000, 10_000_000)]
    ],
    # Relative effect detectable at 80 % with a 5 % arm of 10M.
    detectable=dict(
        clickThrough=float(brentq(lambda m: share_power(0.182, 0.182 * m, 10_000_000, 190_000_000, 0.05) - 0.8, 1e-5, 0.1, xtol=1e-16)),
        # solve_power is loose here (2e-3), so its power is inverted instead.
        watch=float(brentq(lambda d: NormalIndPower().power(d, 10_000_000, 0.05, ratio=19) - 0.8, 1e-5, 0.1, xtol=1e-16) * 9 / 8.4),
    ),
)

print(json.dumps({
    "command": "/usr/bin/python3 test/cases/power-statsmodels.py > test/cases/power-statsmodels.json",
    "version": f"statsmodels {statsmodels.__version__}, scipy {scipy.__version__}",
    "shares": shares, "shareSizes": share_sizes, "means": means, "meanSizes": mean_sizes, "normals": normals, "example": example,
}, indent=1))
