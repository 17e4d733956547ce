"""How long pandas takes to add up one row per user that is in memory: count, sums, squares and cross products by arm."""
import sys
import time

import numpy
import pandas

users = int(sys.argv[1])
random = numpy.random.default_rng(5)
frame = pandas.DataFrame({"arm": numpy.where(random.random(users) < 0.5, "a", "b")})
for i in range(9):
    frame[f"y{i}"] = random.gamma(0.5, 100, users)
pairs = [(i, i) for i in range(9)] + [(1, 2), (5, 4), (6, 3), (7, 8)]
pairs += [(i, z) for i in range(7) for z in (7, 8)]


def aggregate():
    products = {f"p{i}_{j}": frame[f"y{i}"] * frame[f"y{j}"] for i, j in pairs}
    return frame.assign(**products).groupby("arm", sort=False).sum(), frame.groupby("arm").size()


times = []
for _ in range(7):
    started = time.perf_counter()
    aggregate()
    times.append(time.perf_counter() - started)
print(
    f"Peer: pandas {pandas.__version__} adds up one row per user in memory, 9 columns and their {len(pairs)} products, "
    f"{users} users: {sorted(times)[3]:.2f} s (median of 7)."
)
