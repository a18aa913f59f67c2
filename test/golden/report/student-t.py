"""Quantiles of Student's t-distribution and t-intervals of means, by SciPy: python student-t.py > student-t.json"""

import json

import numpy as np
import scipy
from scipy import stats

DEGREES = [1, 2, 3, 4, 5, 7, 9, 11, 19, 29, 59, 99, 999]
SHARES = [0.5, 0.6, 0.9, 0.95, 0.975, 0.995, 0.9995]
SAMPLES = [[0.012, 0.02, -0.004], [0.03, 0.031], [0.01, 0.012, 0.009, 0.02, 0.011, 0.014]]

print(
    json.dumps(
        {
            "scipy": scipy.__version__,
            "quantiles": [[p, n, float(stats.t.ppf(p, n))] for n in DEGREES for p in SHARES],
            "intervals": [
                [a, [float(end) for end in stats.t.interval(0.95, len(a) - 1, np.mean(a), stats.sem(a))]]
                for a in SAMPLES
            ],
        }
    )
)
