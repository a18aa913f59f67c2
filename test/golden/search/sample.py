"""What exported policies apply: {"name": code, …} of Python on stdin, shares and magnitudes as JSON on stdout.

    python sample.py [DRAWS] < codes.json      (needs torchvision and albumentations; generate.mjs calls it)

Every transform that applies is caught with the parameters that it has drawn; its class and options say which op of the
search space it is, its parameters the magnitude in the unit of that op.
"""

import json
import math
import os
import random
import sys
import warnings

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
warnings.filterwarnings("ignore")

import numpy as np
import torch

SIDE = 100
JITTERS = ["brightness", "contrast", "saturation", "hue"]


def torchvision_op(leaf, params):
    name = type(leaf).__name__
    if name == "ColorJitter":
        (jitter,) = [each for each in JITTERS if getattr(leaf, each) is not None]
        return jitter, params[f"{jitter}_factor"]
    if name in ("Shear", "Translate"):
        move = [math.tan(math.radians(a)) for a in params["shear"]] if name == "Shear" else params["translate"]
        axis = "XY".index(leaf.axis.upper()) if name == "Shear" else (0 if leaf.y == [0, 0] else 1)
        return name.lower() + "XY"[axis], move[axis] / (1 if name == "Shear" else SIDE)
    return {
        "RandomRotation": lambda: ("rotate", -params["angle"]),
        "RandomAffine": lambda: ("scale", params["scale"]),
        "RandomHorizontalFlip": lambda: ("horizontalFlip", None),
        "RandomVerticalFlip": lambda: ("verticalFlip", None),
        "Gamma": lambda: ("gamma", math.log2(params["gamma"])),
        "Sharpness": lambda: ("sharpness", params["factor"]),
        "Posterize": lambda: ("posterize", params["bits"]),
        "Solarize": lambda: ("solarize", params["threshold"]),
        "RandomAutocontrast": lambda: ("autocontrast", None),
        "RandomEqualize": lambda: ("equalize", None),
        "RandomInvert": lambda: ("invert", None),
        "RandomGrayscale": lambda: ("grayscale", None),
        "GaussianBlur": lambda: ("gaussianBlur", params["sigma"]),
        "GaussianNoise": lambda: ("gaussianNoise", params["noise"].std().item() / 255),
        "RandomErasing": lambda: ("cutout", params["h"] * params["w"] / SIDE**2),
    }[name]()


def deviation(kernel):
    """That of a Gaussian kernel of one dimension, by its two greatest values."""
    middle = len(kernel) // 2
    return math.sqrt(0.5 / math.log(kernel[middle] / kernel[middle + 1]))


def albumentations_op(leaf, params):
    name = type(leaf).__name__
    if name == "ColorJitter":
        still = {"brightness": (1, 1), "contrast": (1, 1), "saturation": (1, 1), "hue": (0, 0)}
        (jitter,) = [each for each in JITTERS if tuple(getattr(leaf, each)) != still[each]]
        return jitter, params[jitter]
    if name == "Affine":
        shift = {"X": params["matrix"][0, 2], "Y": params["matrix"][1, 2]}
        moved = leaf.translate_percent or {}
        for axis in "XY":
            if tuple(moved.get(axis.lower(), (0, 0))) != (0, 0):
                return "translate" + axis, shift[axis] / SIDE
        return "scale", params["scale"]["x"]
    return {
        "Rotate": lambda: ("rotate", math.degrees(math.atan2(params["matrix"][1, 0], params["matrix"][0, 0]))),
        "HorizontalFlip": lambda: ("horizontalFlip", None),
        "VerticalFlip": lambda: ("verticalFlip", None),
        "Posterize": lambda: ("posterize", np.max(params["num_bits"])),
        "Solarize": lambda: ("solarize", 255 * params["threshold"]),
        "AutoContrast": lambda: ("autocontrast", None),
        "InvertImg": lambda: ("invert", None),
        "ToGray": lambda: ("grayscale", None),
        "GaussianBlur": lambda: ("gaussianBlur", deviation(params["kernel"])),
        "GaussNoise": lambda: ("gaussianNoise", np.std(params["noise_map"]) / 255),
    }[name]()


def watched(transform, method, op, applied):
    """Makes every leaf note what it applies."""
    inner = getattr(transform, "transforms", None)
    # ColorJitter of albumentations lists functions.
    if inner is not None and not hasattr(transform, "apply_with_params"):
        for each in inner:
            watched(each, method, op, applied)
        return
    plain = getattr(transform, method)

    def noting(*args, **kwargs):
        params = next(one for one in (*args, *kwargs.values()) if isinstance(one, dict))
        if type(transform).__name__ not in ("ToImage", "Identity", "NoOp"):
            applied.append(op(transform, params))
        return plain(*args, **kwargs)

    setattr(transform, method, noting)


def sampled(code, draws):
    scope = {}
    exec(compile(code, "export", "exec"), scope)
    transform, applied = scope["transform"], []
    image = np.random.default_rng(3).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    if "import albumentations" in code:
        watched(transform, "apply_with_params", albumentations_op, applied)
        transform.set_random_seed(7)
        run = lambda: transform(image=image)
    else:
        watched(transform, "transform", torchvision_op, applied)
        torch.manual_seed(7)
        run = lambda: transform(image)
    counts, values = {}, {}
    for _ in range(draws):
        applied.clear()
        run()
        for op in {op for op, _ in applied}:
            counts[op] = counts.get(op, 0) + 1
        for op, magnitude in applied:
            if magnitude is not None:
                values.setdefault(op, []).append(float(magnitude))
    brief = lambda value: float(f"{value:.5g}")
    magnitudes = {
        op: {"number": len(of), "low": brief(min(of)), "mean": brief(np.mean(of)), "high": brief(max(of))}
        for op, of in values.items()
    }
    return {op: {"samples": n, **magnitudes.get(op, {})} for op, n in sorted(counts.items())}


def main():
    torch.set_num_threads(1)
    np.random.seed(7)
    random.seed(7)
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    codes = json.load(sys.stdin)
    print(json.dumps({"draws": draws, "cases": {name: sampled(code, draws) for name, code in codes.items()}}))


main()
