"""Golden numbers of the keyed generator: Threefry-2x32-20 transcribed in NumPy, checked against JAX.

    python generate.py      (needs numpy and jax; writes threefry.json)
"""

import json
from pathlib import Path

import jax
import numpy as np

ROTATIONS = [[13, 15, 26, 6], [17, 29, 16, 24]]
MASK = 0xFFFFFFFF


def threefry(key, counter):
    """Salmon et al. 2011, table 2 and section 3.3: five groups of four rounds, a key injection after each."""
    ks = [int(key[0]), int(key[1]), 0x1BD11BDA ^ int(key[0]) ^ int(key[1])]
    x = [(int(counter[0]) + ks[0]) & MASK, (int(counter[1]) + ks[1]) & MASK]
    for group in range(5):
        for r in ROTATIONS[group % 2]:
            x[0] = (x[0] + x[1]) & MASK
            x[1] = ((x[1] << r) | (x[1] >> (32 - r))) & MASK
            x[1] ^= x[0]
        x[0] = (x[0] + ks[(group + 1) % 3]) & MASK
        x[1] = (x[1] + ks[(group + 2) % 3] + group + 1) & MASK
    return x


# The known answers of Random123 1.14 for threefry2x32 20: counter, key, output.
KNOWN = [
    [[0, 0], [0, 0], [0x6B200159, 0x99BA4EFE]],
    [[MASK, MASK], [MASK, MASK], [0x1CB996FC, 0xBB002BE7]],
    [[0x243F6A88, 0x85A308D3], [0x13198A2E, 0x03707344], [0xC4923A9C, 0x483DF7A0]],
]


def main():
    for counter, key, out in KNOWN:
        assert threefry(key, counter) == out, (counter, key)
    rng = np.random.default_rng(3)
    hashes = []
    for _ in range(100):
        key, counter = (rng.integers(0, 2**32, 2).tolist() for _ in range(2))
        hashes.append([key, counter, threefry(key, counter)])
    folds = []
    for seed in [0, 1, 42, 2**31 - 1, 2**31, 2**32 - 1, *rng.integers(0, 2**32, 34).tolist()]:
        key = jax.random.key(np.uint32(seed))
        data = [int(d) for d in rng.integers(0, 2**32, 3)]
        for d in data:
            key = jax.random.fold_in(key, np.uint32(d))
        words = [int(w) for w in jax.random.key_data(key)]
        # The transcription agrees with JAX.
        own = [0, seed]
        for d in data:
            own = threefry(own, [0, d])
        assert own == words, (seed, data)
        folds.append([seed, data, words])
    out = {"jax": jax.__version__, "known": KNOWN, "hashes": hashes, "folds": folds}
    path = Path(__file__).parent / "threefry.json"
    path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)


main()
