"""Expected values of test/cases/noncentral.json: the noncentral t by quadrature in 40 digits. Run in the repository root:
  /usr/bin/python3 test/cases/noncentral.py > test/cases/noncentral.json
"""
import json
import mpmath as mp

mp.mp.dps = 40


def tail(t, df, ncp):
    """P(T > t): the normal tail averaged over the chi factor s, whose square is chi-square(df) / df."""
    t, df, ncp = mp.mpf(t), mp.mpf(df), mp.mpf(ncp)
    log_norm = mp.log(2) + df / 2 * mp.log(df / 2) - mp.loggamma(df / 2)
    density = lambda s: mp.exp(log_norm + (df - 1) * mp.log(s) - df * s * s / 2)
    sd = 1 / mp.sqrt(2 * df)
    points = sorted({mp.mpf(0)} | {max(mp.mpf(0), 1 + k * sd) for k in (-12, -6, -3, -1, 0, 1, 3, 6, 12)} | {mp.mpf(2) + 12 * sd, mp.mpf(12)})
    if t != 0 and ncp / t > 0:
        points = sorted(set(points) | {ncp / t})
    value = mp.quad(lambda s: density(s) * mp.erfc((t * s - ncp) / mp.sqrt(2)) / 2, points)
    assert abs(mp.quad(density, points) - 1) < mp.mpf(10) ** -20, (t, df, ncp)
    return float(value)


cases = [
    (t, df, ncp)
    for df in (1, 3, 8.5, 38, 500, 20000)
    for t, ncp in ((2.0, 0.0), (2.1, 2.8), (-2.1, 2.8), (1.97, 0.4), (3.5, -1.2), (6.0, 9.0))
]
print(json.dumps({
    "command": "/usr/bin/python3 test/cases/noncentral.py > test/cases/noncentral.json",
    "version": f"mpmath {mp.__version__}",
    "tails": [{"t": t, "df": df, "ncp": ncp, "p": tail(t, df, ncp)} for t, df, ncp in cases],
}, indent=1))
