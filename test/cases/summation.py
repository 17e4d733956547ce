# Expected values of test/cases/summation.json: the rational mean and centred sums of the doubles themselves, and NIST's
# certified values of the decimals they stand for (StRD, univariate: NumAcc1 to 4, Michelso). Run in the repository root:
#   python3 test/cases/summation.py > test/cases/summation.json
import json
import platform
import random
from fractions import Fraction

# Michelson's speed of light of 1879 less 299,000 km/s, 100 measurements: R's dataset `morley`, column Speed.
MICHELSON = """
850 740 900 1070 930 850 950 980 980 880 1000 980 930 650 760 810 1000 1000 960 960
960 940 960 940 880 800 850 880 900 840 830 790 810 880 880 830 800 790 760 800
880 880 880 860 720 720 620 860 970 950 880 910 850 870 840 840 850 840 840 840
890 810 810 820 800 770 760 740 750 760 910 920 890 860 880 720 840 850 850 780
890 840 780 810 760 810 790 810 820 850 870 870 810 740 810 940 950 800 810 870
"""


def exact(columns):
    columns = [[Fraction(value) for value in column] for column in columns]
    n = len(columns[0])
    mean = [sum(column) / n for column in columns]
    products = [[float(sum((a - p) * (b - q) for a, b in zip(u, v))) for v, q in zip(columns, mean)] for u, p in zip(columns, mean)]
    return {"n": n, "mean": [float(value) for value in mean], "products": products}


# Name, values, how often all but the first are repeated, certified mean and standard deviation.
certified = [
    ("NumAcc1", [10000001.0, 10000003.0, 10000002.0], 1, 10000002, 1),
    ("NumAcc2", [1.2, 1.1, 1.3], 500, 1.2, 0.1),
    ("NumAcc3", [1000000.2, 1000000.1, 1000000.3], 500, 1000000.2, 0.1),
    ("NumAcc4", [10000000.2, 10000000.1, 10000000.3], 500, 10000000.2, 0.1),
    ("Michelso", [float(f"{299 + int(speed) // 1000}.{int(speed) % 1000:03}") for speed in MICHELSON.split()], 1, 299.8524, 0.0790105478190518),
]
random.seed(20261122)
cases = []
for offset, spread, n in [(0, 1, 7), (1e9, 1, 50), (-1e12, 1e-2, 60), (1e-8, 1e-12, 31), (5, 1e6, 64)]:
    y = [offset + spread * random.gauss(0, 1) for _ in range(n)]
    x = [offset / 3 + spread * random.random() for _ in range(n)]
    z = [a / 2 + b + spread * random.random() for a, b in zip(y, x)]
    cases.append((f"offset {offset:g}, spread {spread:g}", [y, x, z]))
cancelling = [
    [1, 1e100, 1, -1e100], [1e16, 1, -1e16], [1e16, 1, 1, 1, 1, -1e16], [0.1] * 10, [3e38, 1e-3, -3e38, 7], [],
    [10.0 ** k * (-1) ** k for k in range(16)], [1 / k for k in range(1, 3000)],
]
print(json.dumps({
    "command": "python3 test/cases/summation.py",
    "version": f"Python {platform.python_version()}, fractions",
    "certified": [
        {"name": name, "values": values, "repeats": repeats, "certified": {"mean": mean, "deviation": deviation}, **exact([values[:1] + values[1:] * repeats])}
        for name, values, repeats, mean, deviation in certified
    ],
    "centred": [{"name": name, "columns": columns, **exact(columns)} for name, columns in cases],
    "sums": [{"values": values, "sum": float(sum(Fraction(value) for value in values))} for values in cancelling],
}))
