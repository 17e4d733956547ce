# Expected values of test/cases/log-tails.json: logarithms of survival functions to 40 digits, by mpmath's erfc, by the
# power series of the incomplete gamma and beta functions (all terms positive, DLMF 8.7.1 and 8.17.8) and by quadrature.
# R, whose log tails fail for large degrees of freedom, agrees where it can (see foundations.R). Run in the repository root:
#   python3 test/cases/log-tails.py > test/cases/log-tails.json
import json
import mpmath
from mpmath import mp, mpf

mp.dps = 60


def log_complement(log):
    p = mp.exp(log)
    return -p if p < mpf(10) ** -30 else mp.log(1 - p)


def log_gamma_lower(a, x):
    total, term, k = mpf(0), 1 / a, 0
    while term > total * mpf(10) ** -55:
        total += term
        k += 1
        term *= x / (a + k)
    return a * mp.log(x) - x - mp.loggamma(a) + mp.log(total)


def log_beta_lower(x, y, a, b):
    total, term, k = mpf(0), 1 / a, 0
    while term > total * mpf(10) ** -45 * y:
        total += term
        term *= x * (a + b + k) / (a + 1 + k)
        k += 1
    return a * mp.log(x) + b * mp.log(y) - (mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)) + mp.log(total)


def log_beta(x, y, a, b):
    """log I_x(a, b), from the smaller side unless the series of the other converges so much faster."""
    if x <= a / (a + b) and x <= mpf("0.9995"):
        return log_beta_lower(x, y, a, b)
    return log_complement(log_beta_lower(y, x, b, a))


def log_normal(z):
    if z < 0:
        return log_complement(log_normal(-z))
    return mp.log(mp.erfc(z / mp.sqrt(2)) / 2)


def log_student(t, df):
    if t < 0:
        return log_complement(log_student(-t, df))
    x, y = df / (df + t * t), t * t / (df + t * t)
    if x <= mpf("0.999"):
        return log_beta_lower(x, y, df / 2, mpf(1) / 2) - mp.log(2)
    if t < 1:
        return mp.log((1 - mp.exp(log_beta_lower(y, x, mpf(1) / 2, df / 2))) / 2)
    # Close to the normal: density relative to its value at t, in steps of its own decay.
    ratio = lambda u: mp.exp(-(df + 1) / 2 * mp.log((df + (t + u) ** 2) / (df + t * t)))
    integral = mp.quad(ratio, [step / t for step in (0, 1, 2, 4, 8, 16, 32, 64, 128, 256)])
    density = -mp.log(mp.sqrt(df)) - (mp.loggamma(df / 2) + mp.loggamma(mpf(1) / 2) - mp.loggamma((df + 1) / 2)) - (df + 1) / 2 * mp.log1p(t * t / df)
    return density + mp.log(integral)


def log_chi_square(x, df):
    a, x = df / 2, x / 2
    if x < a:
        return log_complement(log_gamma_lower(a, x))
    return mp.log(mp.gammainc(a, x, mp.inf, regularized=True))


def log_f(f, d1, d2):
    return log_beta(d2 / (d2 + d1 * f), d1 * f / (d2 + d1 * f), d2 / 2, d1 / 2)


def log_beta_tail(x, a, b):
    return log_beta(1 - x, x, b, a)


cases = []


def add(distribution, function, at, *parameters):
    log = function(mpf(at), *(mpf(value) for value in parameters))
    cases.append({"distribution": distribution, "at": at, "parameters": list(parameters), "log": float(log)})


for z in [-40, -37, -12, -5, -1.7, -0.3, 0, 1e-9, 0.7, 1.959963984540054, 2.4, 5, 8, 15, 25, 36.9, 38.5, 50, 1e2, 1e3, 1e5]:
    add("normal", log_normal, z)
for df in [1, 2, 4.5, 17.3, 120, 3000.5, 1e5, 8e6, 2e7, 1e10, 1e13]:
    for t in [-4, 0.2, 1.7, 3.3, 12, 36, 1e3]:
        if t < 1e3 or df < 1e4 or df > 1e9:
            add("t", log_student, t, df)
for df, xs in {1: [1e-6, 0.5, 2.9, 80, 1300, 1e6], 2: [0.01, 7, 1400, 1e6], 3: [1, 9, 200, 1e5], 9.5: [0.2, 5, 30, 1e3, 1e6], 60: [8, 61, 150, 1500], 1000: [700, 1001, 1300, 4000, 1e6], 40000: [39000, 40001, 42000]}.items():
    for x in xs:
        add("chi-square", log_chi_square, x, df)
for d1, d2 in [(1, 5), (2, 30), (3, 400.5), (7, 2.2), (25, 25), (4, 1e5), (300, 900)]:
    for f in [0.05, 0.9, 1.3, 4, 40, 2500]:
        add("F", log_f, f, d1, d2)
for a, b in [(0.5, 0.5), (2, 7), (30, 12.5), (400, 9600), (60000, 40000)]:
    mean = a / (a + b)
    for x in [mean / 4, mean * 0.97, mean, mean * 1.02, mean + (1 - mean) * 0.3, mean + (1 - mean) * 0.9]:
        add("beta", log_beta_tail, x, a, b)
print(json.dumps({"command": "python3 test/cases/log-tails.py", "version": f"mpmath {mpmath.__version__}", "tails": cases}).replace("}, {", "},\n{"))
