"""Expected values of test/cases/bayesian.json: posteriors by quadrature in 70 digits, beta-binomial figures by their finite
sums in 60 digits (integer parameters) or by scipy's quadrature. Run in the repository root:
  /usr/bin/python3 test/cases/bayesian.py > test/cases/bayesian.json
"""
import json

import mpmath as mp
import numpy as np
import scipy
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import beta as beta_distribution

mp.mp.dps = 70


def normal(mean, sd, estimate, se):
    """Prior times likelihood, normalised and integrated numerically."""
    m0, s0, e, s = (mp.mpf(v) for v in (mean, sd, estimate, se))
    log_density = lambda x: -((x - m0) / s0) ** 2 / 2 - ((x - e) / s) ** 2 / 2
    width = min(s0, s)
    top = mp.findroot(lambda x: (x - m0) / s0 ** 2 + (x - e) / s ** 2, e)
    peak = log_density(top)
    points = sorted({top + k * width for k in (-40, -20, -12, -8, -4, -2, 0, 2, 4, 8, 12, 20, 40)} | ({mp.mpf(0)} if abs(top) < 40 * width else set()))
    above = [p for p in points if p >= 0]
    under = [p for p in points if p <= 0]
    integral = lambda f, at: mp.quad(lambda x: f(x) * mp.exp(log_density(x) - peak), at) if len(at) > 1 else mp.mpf(0)
    total = integral(lambda x: 1, points)
    first = integral(lambda x: x, points) / total
    return dict(mean=mean, sd=sd, estimate=estimate, se=se, posteriorMean=float(first),
                posteriorSd=float(mp.sqrt(integral(lambda x: (x - first) ** 2, points) / total)),
                positive=float(integral(lambda x: 1, above) / total), gain=float(integral(lambda x: x, above) / total),
                loss=float(-integral(lambda x: x, under) / total))


normals = [normal(*case) for case in [
    (0, 0.05, 0.02, 0.01), (0, 0.05, -0.02, 0.01), (0.01, 0.01, 0.03, 0.02), (0, 1, 0.5, 2), (0, 0.001, 0.5, 0.1), (0, 100, 3, 1),
    (0, 100, 6, 1), (0, 100, 12, 1), (0.2, 0.3, 0, 0.1), (-0.02, 0.02, 0.02, 0.02), (0, 0.02, 0.0001, 0.004), (5, 2, -3, 0.7),
]]


def chance(ax, bx, ay, by):
    """P(Y > X) for integer parameters of Y: a finite sum with a two-term recurrence."""
    with mp.workdps(60):
        ax, bx, ay, by = (mp.mpf(v) for v in (ax, bx, ay, by))
        term = mp.exp(mp.loggamma(ax) + mp.loggamma(bx + by) - mp.loggamma(ax + bx + by) - (mp.loggamma(ax) + mp.loggamma(bx) - mp.loggamma(ax + bx)))
        total = mp.mpf(0)
        for i in range(int(ay)):
            total += term
            term *= (ax + i) / (ax + i + bx + by) * (by + i) / (1 + i)
        return +total


def interval(t, c):
    (at, bt), (ac, bc) = t, c
    treatment, control = beta_distribution(at, bt), beta_distribution(ac, bc)
    edges = [control.ppf(q) for q in (1e-18, 1e-6, 0.01, 0.5, 0.99)] + [control.isf(q) for q in (1e-6, 1e-18)]
    cdf = lambda d: sum(quad(lambda x: control.pdf(x) * treatment.cdf(x + d), lo, hi, epsabs=1e-15, epsrel=1e-12, limit=400)[0] for lo, hi in zip(edges, edges[1:]))
    middle = treatment.mean() - control.mean()
    spread = np.hypot(treatment.std(), control.std())
    return [float(brentq(lambda d: cdf(d) - q, max(-1, middle - 6 * spread), min(1, middle + 6 * spread), xtol=1e-14)) for q in (0.025, 0.975)]


def betas(st, nt, sc, nc, a=1, b=1):
    t, c = (a + st, b + nt - st), (a + sc, b + nc - sc)
    with mp.workdps(60):
        mean_t, mean_c = (mp.mpf(p[0]) / (p[0] + p[1]) for p in (t, c))
        win = chance(*c, *t)
        lose = chance(*t, *c)
        # E[max(X - Y, 0)] = E X P(X' > Y) - E Y P(X > Y'), where the prime adds one success.
        loss_treatment = mean_c * chance(*t, c[0] + 1, c[1]) - mean_t * chance(t[0] + 1, t[1], *c)
        loss_control = mean_t * chance(*c, t[0] + 1, t[1]) - mean_c * chance(c[0] + 1, c[1], *t)
        assert abs(win + lose - 1) < mp.mpf(10) ** -40
    return dict(treatment=dict(successes=st, trials=nt), control=dict(successes=sc, trials=nc), prior=dict(a=a, b=b),
                chance=float(win), lossTreatment=float(loss_treatment), lossControl=float(loss_control), interval=interval(t, c))


exact = [betas(*case) for case in [
    (3, 10, 1, 10), (0, 5, 0, 5), (0, 5, 5, 5), (8, 8, 2, 9), (45, 100, 40, 100), (120, 1000, 100, 1000), (100, 1000, 120, 1000),
    (730, 1000, 680, 1000), (12, 900, 30, 1100), (182, 1000, 1820, 10000), (1830, 10000, 182, 1000), (50, 100, 40000, 100000),
    (18_560, 100_000, 18_200, 100_000), (9_250, 50_000, 172_900, 950_000), (182_100, 1_000_000, 182_000, 1_000_000),
    (600, 1000, 300, 1000), (20, 50, 30, 60, 4, 16),
]]


def fractional(t, c):
    treatment, control = beta_distribution(*t), beta_distribution(*c)
    steps = [0, 1e-6, 1e-3] + [float(control.ppf(q)) for q in (0.01, 0.25, 0.5, 0.75, 0.99)] + [float(treatment.ppf(q)) for q in (0.01, 0.5, 0.99)] + [1 - 1e-3, 1]
    steps = sorted(set(steps))
    integral = lambda f: sum(quad(f, lo, hi, epsabs=1e-15, epsrel=1e-12, limit=400)[0] for lo, hi in zip(steps, steps[1:]))
    return dict(chance=integral(lambda x: treatment.pdf(x) * control.cdf(x)), lossTreatment=integral(lambda x: treatment.cdf(x) * control.sf(x)),
                lossControl=integral(lambda x: control.cdf(x) * treatment.sf(x)))


jeffreys = []
for st, nt, sc, nc in [(3, 10, 1, 10), (45, 100, 40, 100), (730, 1000, 680, 1000), (2, 400, 7, 500)]:
    values = fractional((st + 0.5, nt - st + 0.5), (sc + 0.5, nc - sc + 0.5))
    jeffreys.append(dict(treatment=dict(successes=st, trials=nt), control=dict(successes=sc, trials=nc), prior=dict(a=0.5, b=0.5), **values))

print(json.dumps({
    "command": "/usr/bin/python3 test/cases/bayesian.py > test/cases/bayesian.json",
    "version": f"mpmath {mp.__version__}, scipy {scipy.__version__}",
    "normals": normals, "betas": exact, "jeffreys": jeffreys,
}, indent=1))
