"""Masks of polygons and runs as pycocotools makes them: `python generate.py` writes masks.json."""

import json
import pathlib
import random

import numpy as np
from pycocotools import mask as coco

random.seed(17)
np.random.seed(17)


def near(side):
    """Mostly inside the image, at times beyond it, at times on a pixel's edge."""
    value = random.uniform(-0.3 * side, 1.3 * side) if random.random() < 0.3 else random.uniform(0, side)
    return float(round(value)) if random.random() < 0.2 else round(value, 2)


def polygon(width, height):
    corners = random.choice([3, 3, 4, 5, 8, 20])
    points = [near(width if i % 2 == 0 else height) for i in range(2 * corners)]
    if random.random() < 0.1:
        points += points[:2]  # a corner twice
    return points


polygons = []
for _ in range(120):
    width, height = random.randint(1, 40), random.randint(1, 40)
    parts = [polygon(width, height) for _ in range(random.choice([1, 1, 1, 2, 3]))]
    runs = coco.merge(coco.frPyObjects(parts, height, width))
    polygons.append(
        {
            "width": width,
            "height": height,
            "segmentation": parts,
            "counts": runs["counts"].decode(),
            "area": int(coco.area(runs)),
        }
    )

runs = []
for i in range(48):
    width, height = random.randint(1, 24), random.randint(1, 24)
    share = random.choice([0, 0.01, 0.1, 0.5, 0.9, 1])
    ids = (np.random.rand(height, width) < share).astype(np.uint8)
    if i % 6 == 0:
        ids = np.kron(ids, np.ones((37, 41), np.uint8))
    packed = coco.encode(np.asfortranarray(ids))
    flat = ids.flatten(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    plain = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    runs.append(
        {
            "width": ids.shape[1],
            "height": ids.shape[0],
            "counts": packed["counts"].decode(),
            "plain": ([0] if flat[0] else []) + plain,
            "area": int(coco.area(packed)),
        }
    )

out = pathlib.Path(__file__).with_name("masks.json")
out.write_text(json.dumps({"polygons": polygons, "runs": runs}, separators=(",", ":")) + "\n")
print(out, out.stat().st_size)
