"""Numbers of tf.raw_ops.StatelessRandomUniform: python noise.py writes noise.json beside it.

Each case is a seed of two words and numbers times 2^23, which are whole. Of the long ones, only the last are kept.
"""
import json
import pathlib

import tensorflow as tf

SEEDS = [(0, 0), (7, 0), (0, 7), (-1, -1), (123456789, -987654321), (-(2**31), 2**31 - 1), (2**31 - 1, -(2**31))]
KEPT = 9

cases = []
for seed in SEEDS:
    for size in (9, 100003):
        numbers = tf.raw_ops.StatelessRandomUniform(shape=[size], seed=tf.constant(seed, tf.int32)).numpy()
        last = [int(x) for x in numbers[-KEPT:].astype("float64") * 2**23]
        cases.append({"seed": seed, "size": size, "last": last})
path = pathlib.Path(__file__).with_name("noise.json")
path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
