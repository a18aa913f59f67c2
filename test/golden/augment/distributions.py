"""Quantiles of the parameters that torchvision's transforms draw, from seeds.

    python distributions.py      (needs torch, torchvision, numpy; writes distributions.json)
"""

import json
from pathlib import Path

import numpy as np
import torch
from torchvision.transforms import v2

N = 20000
QUANTILES = [0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98]


def summary(values):
    values = np.asarray(values, float)
    return {
        "mean": round(float(values.mean()), 5),
        "deviation": round(float(values.std()), 5),
        "quantiles": [round(float(q), 5) for q in np.quantile(values, QUANTILES)],
    }


def image(h, w):
    return torch.zeros(3, h, w, dtype=torch.uint8)


def resized_crop(h, w):
    t = v2.RandomResizedCrop(16)
    draws = [t.make_params([image(h, w)]) for _ in range(N)]
    return {
        "height": h,
        "width": w,
        "area": summary([d["height"] * d["width"] / (h * w) for d in draws]),
        "logRatio": summary([np.log(d["width"] / d["height"]) for d in draws]),
        "x": summary([d["left"] / w for d in draws]),
        "y": summary([d["top"] / h for d in draws]),
        "whole": float(np.mean([d["height"] == h and d["width"] == w for d in draws])),
    }


def erasing(h, w):
    t = v2.RandomErasing(p=1)
    draws = [t.make_params([image(h, w)]) for _ in range(N)]
    return {
        "height": h,
        "width": w,
        "area": summary([d["h"] * d["w"] / (h * w) for d in draws]),
        "logRatio": summary([np.log(d["h"] / d["w"]) for d in draws]),
        "x": summary([d["j"] / w for d in draws]),
        "y": summary([d["i"] / h for d in draws]),
    }


def pad_crop(side, padding):
    t = v2.RandomCrop(side, padding=padding)
    draws = [t.make_params([image(side, side)]) for _ in range(N)]
    return {
        "side": side,
        "padding": padding,
        "x": summary([d["left"] - padding for d in draws]),
        "y": summary([d["top"] - padding for d in draws]),
    }


def color_jitter():
    t = v2.ColorJitter(0.4, 0.3, 0.8, 0.1)
    draws = [t.make_params([]) for _ in range(N)]
    orders = [tuple(int(i) for i in d["fn_idx"]) for d in draws]
    return {
        "brightness": summary([float(d["brightness_factor"]) for d in draws]),
        "contrast": summary([float(d["contrast_factor"]) for d in draws]),
        "saturation": summary([float(d["saturation_factor"]) for d in draws]),
        "hue": summary([float(d["hue_factor"]) for d in draws]),
        "orders": len(set(orders)),
        "commonest": round(max(orders.count(o) for o in set(orders)) / N, 4),
    }


def affine(h, w):
    t = v2.RandomAffine(degrees=30, translate=(0.1, 0.2), scale=(0.8, 1.2), shear=(-10, 10, -5, 5))
    draws = [t.make_params([image(h, w)]) for _ in range(N)]
    return {
        "height": h,
        "width": w,
        "angle": summary([d["angle"] for d in draws]),
        "x": summary([d["translate"][0] for d in draws]),
        "y": summary([d["translate"][1] for d in draws]),
        "scale": summary([d["scale"] for d in draws]),
        "shearX": summary([d["shear"][0] for d in draws]),
        "shearY": summary([d["shear"][1] for d in draws]),
    }


def main():
    torch.manual_seed(7)
    out = {
        "samples": N,
        "quantiles": QUANTILES,
        "randomResizedCrop": [resized_crop(h, w) for h, w in ((100, 100), (333, 500), (120, 360))],
        "randomErasing": [erasing(h, w) for h, w in ((32, 32), (224, 224))],
        "padCrop": pad_crop(32, 4),
        "colorJitter": color_jitter(),
        "affine": affine(100, 150),
    }
    path = Path(__file__).parent / "distributions.json"
    path.write_text(json.dumps(out, indent=1) + "\n")
    print(path.name, path.stat().st_size)


main()
