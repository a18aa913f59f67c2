"""What exported files do to probes: {"name": code, …} of Python on stdin, statistics as JSON on stdout.

    python measure.py [DRAWS] < codes.json      (needs torchvision and albumentations; generate.mjs calls it)

Each file is run DRAWS times over three pictures from which parameters can be read; see probes() and features().
"""

import json
import os
import random
import sys
import warnings

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
warnings.filterwarnings("ignore")

import numpy as np
import torch

LEVELS = 20
COLOURS = [[200, 60, 30], [40, 180, 90], [30, 70, 220], [230, 210, 60], [90, 90, 90], [160, 40, 140], [20, 130, 150], [250, 240, 230]]


def probes():
    """Three squares, one a channel; a gray ramp over patches of color; a texture."""
    dots = np.zeros((40, 48, 3), np.uint8)
    dots[6:11, 8:13, 0] = 255
    dots[12:17, 34:39, 1] = 255
    dots[28:33, 18:23, 2] = 255
    patches = np.zeros((32, 32, 3), np.uint8)
    patches[:16] = (8 * np.arange(32))[None, :, None]
    patches[16:] = np.array(COLOURS, np.uint8)[np.arange(32) // 4][None]
    y, x, c = np.mgrid[0:28, 0:36, 0:3]
    texture = ((x * x * 7 + y * y * 13 + x * y * 5 + c * 61) % 251).astype(np.uint8)
    return {"dots": dots, "patches": patches, "texture": texture}


def features(name, before, image):
    """Numbers by name. `image` is H×W×3, as bytes or normalized."""
    image = image.astype(np.float64)
    height, width = image.shape[:2]
    out = {}
    if name == "dots":
        for channel, letter in enumerate("RGB"):
            plane = image[..., channel]
            mass = plane.sum()
            out[f"mass{letter}"] = mass / 255
            out[f"x{letter}"] = ((np.arange(width) + 0.5) * plane.sum(0)).sum() / mass if abs(mass) > 100 else -1
            out[f"y{letter}"] = ((np.arange(height) + 0.5) * plane.sum(1)).sum() / mass if abs(mass) > 100 else -1
    elif name == "patches":
        h, w = height // 2, width // 2
        out["darkRamp"], out["lightRamp"] = image[:h, :w].mean(), image[:h, w:].mean()
        for channel, letter in enumerate("RGB"):
            out[f"left{letter}"] = image[h:, :w, channel].mean()
            out[f"right{letter}"] = image[h:, w:, channel].mean()
            out[f"deviation{letter}"] = image[..., channel].std()
    else:
        out["height"], out["width"] = height, width
        out["mean"], out["deviation"] = image.mean(), image.std()
        out["across"] = np.abs(np.diff(image, axis=1)).mean() if width > 1 else 0
        out["down"] = np.abs(np.diff(image, axis=0)).mean() if height > 1 else 0
        out["color"] = np.abs(image[..., 0] - image[..., 1]).mean()
        same = image.shape == before.shape
        out["kept"] = (np.abs(image - before) <= 3).mean() if same else -1
    return out


def runner(code):
    scope = {}
    exec(compile(code, "export", "exec"), scope)
    transform = scope["transform"]
    if "import albumentations" in code:
        transform.set_random_seed(7)
        return lambda image: transform(image=image)["image"]
    torch.manual_seed(7)
    return lambda image: transform(image).numpy().transpose(1, 2, 0)


def statistics(code, draws):
    np.random.seed(7)
    random.seed(7)
    run = runner(code)
    values = {}
    for name, before in probes().items():
        for _ in range(draws):
            for feature, value in features(name, before, run(before.copy())).items():
                values.setdefault(f"{name}.{feature}", []).append(value)
    shares = np.linspace(0, 1, LEVELS + 1)
    summary = {}
    for feature, all_ in values.items():
        at = np.quantile(np.array(all_), shares, method="inverted_cdf")
        rounded = [float(f"{v:.4g}") for v in at]
        summary[feature] = rounded[0] if min(rounded) == max(rounded) else rounded
    return summary


def main():
    torch.set_num_threads(1)
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    codes = json.load(sys.stdin)
    print(json.dumps({"draws": draws, "cases": {name: statistics(code, draws) for name, code in codes.items()}}))


main()
