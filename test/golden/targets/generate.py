"""What albumentations makes of masks, boxes and keypoints in 500 random chains of moves that both libraries have.

    python generate.py

Needs albumentations 2.0.8, opencv-python-headless 4.11.0.86, numpy 2.4.6 (see README.md); writes chains.json. Every
case holds our recipe for the chain; `ops.py` beside this file says how a draw of theirs becomes one of ours.
"""

import base64
import json
import platform
import zlib
from collections import Counter
from pathlib import Path

import albumentations as A
import cv2
import numpy as np

from ops import DRAWS, LEAST, MOST

HERE = Path(__file__).parent
CHAINS = 500
SEED = 2008
# The class of the mask where there is no object: 0 is left to what moves bring in from outside.
GROUND = 9


def drawn_mask(w, h, boxes):
    """Object i fills box i with class i + 1: rectangles, and ellipses where i is odd. Integers only."""
    mask = np.full((h, w), GROUND, np.uint8)
    y, x = np.mgrid[:h, :w].astype(np.int64)
    for i, (x0, y0, x1, y1) in enumerate(boxes):
        inside = (x >= x0) & (x < x1) & (y >= y0) & (y < y1)
        if i % 2 == 1:
            a, b = x1 - x0, y1 - y0
            inside = ((2 * x + 1 - x0 - x1) * b) ** 2 + ((2 * y + 1 - y0 - y1) * a) ** 2 <= (a * b) ** 2
        mask[inside] = i + 1
    return mask


def scene(rng):
    w, h = (int(v) for v in rng.integers(72, 145, 2))
    boxes = []
    for _ in range(int(rng.integers(2, 5))):
        width, height = (int(rng.integers(12, side * 0.7)) for side in (w, h))
        # Some touch the border.
        x, y = (int(np.clip(rng.integers(-8, room + 9), 0, room)) for room in (w - width, h - height))
        boxes.append([x, y, x + width, y + height])
    count = int(rng.integers(3, 5))
    # Centers of pixels are counted from ½, in quarters.
    points = [rounded(rng.integers(2, 4 * side - 1) / 4 for side in (w, h)) for _ in range(count)]
    return w, h, boxes, points


def chain(rng, w, h):
    """Names, moves, our recipe, and by draw the one that places pixels where albumentations does, where that differs."""
    names, transforms, recipe, placed = [], [], [], []
    for _ in range(int(rng.integers(1, 5))):
        while True:
            name = list(DRAWS)[int(rng.integers(len(DRAWS)))]
            draw = DRAWS[name](rng, w, h)
            if draw and all(LEAST <= side <= MOST for side in draw[3]):
                break
        transform, ours, theirs, (w, h) = draw
        names.append(name)
        transforms.append(transform)
        recipe.append(ours)
        placed.append(theirs)
    return names, transforms, recipe, placed


def rounded(values):
    """To a hundredth of a pixel, whole numbers without a point."""
    return [int(v) if v == int(v) else v for v in (round(float(v), 2) for v in values)]


def in_use(names):
    """How many chains hold each move, and how long chains are."""
    moves = Counter(name for chain in names for name in set(chain))
    return {**dict(sorted(moves.items())), "by length": dict(sorted(Counter(map(len, names)).items()))}


def by_nearest(transforms, mask, moved):
    """The share of pixels that INTER_NEAREST, the default, gives another value; None where nothing is resized."""
    resizing = [t for t in transforms if getattr(t, "mask_interpolation", None) == cv2.INTER_NEAREST_EXACT]
    if not resizing:
        return None
    for transform in resizing:
        transform.mask_interpolation = cv2.INTER_NEAREST
    return float((A.Compose(transforms)(image=mask, mask=mask)["mask"] != moved).mean())


def apply(transforms, mask, boxes, points, limits):
    compose = A.Compose(
        transforms,
        bbox_params=A.BboxParams("pascal_voc", label_fields=["labels"], **limits),
        keypoint_params=A.KeypointParams("xy", label_fields=["names"]),
    )
    out = compose(
        image=np.zeros((*mask.shape, 3), np.uint8),
        mask=mask,
        bboxes=np.array(boxes, np.float64),
        labels=np.arange(len(boxes)),
        keypoints=np.array(points, np.float64) - 0.5,
        names=np.arange(len(points)),
    )
    boxes = [[int(i), *rounded(box)] for i, box in zip(out["labels"], out["bboxes"])]
    points = [[int(i), *rounded(point + 0.5)] for i, point in zip(out["names"], out["keypoints"])]
    return out["mask"], boxes, points


def lines(mask):
    """Differences to the row above, which compress well."""
    return np.diff(mask.astype(np.int16), axis=0, prepend=0).astype(np.uint8).tobytes()


def main():
    rng = np.random.default_rng(SEED)
    cases, masks, names, nearest = [], b"", [], []
    while len(cases) < CHAINS:
        w, h, boxes, points = scene(rng)
        chosen, transforms, recipe, placed = chain(rng, w, h)
        limits = [{}, {}, {"min_visibility": 0.3}, {"min_area": 60}][int(rng.integers(4))]
        before = drawn_mask(w, h, boxes)
        mask, out_boxes, out_points = apply(transforms, before, boxes, points, limits)
        names.append(chosen)
        nearest.append(by_nearest(transforms, before, mask))
        case = {"size": [w, h], "boxes": boxes, "points": points, "recipe": recipe}
        if any(placed):
            case["placed"] = placed
        case |= {{"min_visibility": "minVisibility", "min_area": "minArea"}[key]: v for key, v in limits.items()}
        case["out"] = {"size": [mask.shape[1], mask.shape[0]], "boxes": out_boxes, "points": out_points}
        cases.append(case)
        masks += lines(mask)
    versions = {
        "python": platform.python_version(), "albumentations": A.__version__,
        "opencv": cv2.__version__, "numpy": np.__version__,
    }
    packed = base64.b64encode(zlib.compress(masks, 9)).decode()
    text = json.dumps({"versions": versions, "ground": GROUND, "masks": packed, "cases": cases}, separators=(",", ":"))
    (HERE / "chains.json").write_text(text + "\n")
    resized = [share for share in nearest if share is not None]
    print(in_use(names))
    print(f"INTER_NEAREST: {len(resized)} chains resize, {np.mean(resized):.4f} of their pixels differ, {max(resized):.4f} at most")
    print(f"{len(cases)} chains, {len(text)} bytes, of which {len(packed)} are masks")


if __name__ == "__main__":
    main()
