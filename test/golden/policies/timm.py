"""What timm's policies do, from timm's own source: writes timm.json.

    python timm.py      # timm (pip install --no-deps), numpy, pillow; not torch

levels   the arguments that timm computes for each operation, magnitude and sign
pixels   what each operation makes of a small picture, with interpolation='bilinear' and timm's gray outside
tables   the sub-policies of AutoAugment
strings  for each string, over N images: how many operations each image had, how often each operation came, and
         the quantiles of its arguments
"""

import base64
import importlib.metadata
import importlib.util
import json
import pathlib
import random

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent
# By its path, for timm itself imports torch.
source = importlib.metadata.distribution("timm").locate_file("timm/data/auto_augment.py")
spec = importlib.util.spec_from_file_location("auto_augment", source)
timm = importlib.util.module_from_spec(spec)
spec.loader.exec_module(timm)

N = 4000
WIDTH, HEIGHT = 28, 22
MAGNITUDES = [0, 1, 2, 2.5, 3, 4.9, 5, 7, 9, 9.5, 10, 12, 15, 20, 30]
STRINGS = [
    "rand",
    "rand-m9-n2-mstd0.5-inc1",
    "rand-m9-n3-mstd0.5",
    "rand-m7-n1-p1",
    "rand-m5-n4-p0.3-inc1",
    "rand-m15-n2-p1-inc1",
    "rand-m15-n2-p1-mmax20-inc1",
    "rand-m9-mstd101-inc1-n1-p1",
    "rand-m9-mstd3-n1-p1-inc0",
    "rand-mstd1-tweights",
    "rand-m6-n3-p1-tweights-inc1",
    "rand-m8-n2-t3a-mstd1",
    "rand-m8-n3-t3aw-p0.9",
    "v0",
    "v0r-mstd1",
    "original-mstd0.5",
    "originalr",
    "3a",
    "augmix-m5-w4-d2",
    "augmix-m3",
    "augmix-m9-w2-mstd1-a0.5-b1",
    "augmix-m4-w1-d3-mstd0",
]
SKIPPED = ["TranslateX", "TranslateY"]  # in pixels; no string has them


def base(name):
    """Several scales of one operation come to the same call."""
    for end in ("Increasing", "Original", "Rel"):
        name = name.removesuffix(end)
    return {"GaussianBlurRand": "GaussianBlur", "Desaturate": "Color"}.get(name, name)


def rounded(values):
    return [float(f"{v:.10g}") for v in values]


def levels():
    out = {}
    for name, level in timm.LEVEL_TO_ARG.items():
        if name in SKIPPED:
            continue
        rows = []
        for magnitude in MAGNITUDES:
            for negative in (False, True):
                timm.random = type("Fixed", (), {"random": staticmethod(lambda: 0.9 if negative else 0.1)})
                args = level(magnitude, dict(timm._HPARAMS_DEFAULT)) if level else ()
                if name == "Desaturate":  # timm subtracts in the operation
                    args = (min(1.0, max(0.0, 1.0 - args[0])),)
                rows.append([magnitude, negative, *rounded(args)])
        timm.random = random
        out[name] = rows
    return out


def picture():
    rng = np.random.default_rng(11)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    waves = np.stack([120 + 90 * np.sin(x / 5 + y / 9), 5 * x, 200 - 4 * y + 3 * x], -1)
    return np.clip(waves + rng.normal(0, 12, waves.shape), 0, 255).astype(np.uint8)


def posterize(image, bits, **_):
    """As Pillow did it when timm wrote this; from 13 on it refuses fewer bits than 1, and timm then fails."""
    return image if bits >= 8 else image.point([i & ~(2 ** (8 - bits) - 1) for i in range(256)] * 3)


def pixels(image):
    for name in ("Posterize", "PosterizeIncreasing", "PosterizeOriginal"):
        timm.NAME_TO_OP[name] = posterize
    hparams = dict(timm._HPARAMS_DEFAULT, interpolation=Image.Resampling.BILINEAR)
    out = []
    for name in timm.LEVEL_TO_ARG:
        if name in SKIPPED or name == "GaussianBlurRand":
            continue
        for magnitude in (3, 10):
            for negative in (False, True):
                timm.random = type("Fixed", (), {"random": staticmethod(lambda: 0.9 if negative else 0.1)})
                made = timm.AugmentOp(name, prob=1.0, magnitude=magnitude, hparams=hparams)(image)
                timm.random = random
                data = base64.b64encode(np.asarray(made).tobytes()).decode()
                if negative and data == out[-1]["pixels"]:
                    continue  # it has no sign
                out.append({"op": name, "magnitude": magnitude, "negative": negative, "pixels": data})
    return out


class Recorder:
    """Stands for the image; an operation leaves its name and arguments."""

    def __init__(self, calls=()):
        self.calls = list(calls)
        self.size = (WIDTH, HEIGHT)


def recording(op):
    name = base(op.name)
    if op.name == "GaussianBlurRand":
        fn = lambda image, factor, **_: Recorder(image.calls + [(name, (random.uniform(0.1, 2.0 * factor),))])
    elif op.name == "Desaturate":
        fn = lambda image, factor, **_: Recorder(image.calls + [(name, (1 - factor,))])
    else:
        fn = lambda image, *args, **_: Recorder(image.calls + [(name, args)])
    op.aug_fn = fn


def chains_of_mix(mix):
    """The chains, drawn as _apply_basic does, without the blending."""
    depths = [mix.depth if mix.depth > 0 else np.random.randint(1, 4) for _ in range(mix.width)]
    chains = []
    for depth in depths:
        image = Recorder()
        for op in np.random.choice(mix.ops, depth, replace=True):
            image = op(image)
        chains.append(image.calls)
    weights = np.random.dirichlet([mix.alpha] * mix.width)
    return chains, weights, np.random.beta(mix.alpha, mix.alpha)


def summary(images):
    """images: for each the calls made."""
    counts = np.bincount([len(calls) for calls in images]).tolist()
    args = {}
    for calls in images:
        for name, values in calls:
            args.setdefault(name, []).append(values)
    quantiles = np.linspace(0, 1, 11)
    ops = {}
    for name, values in sorted(args.items()):
        ops[name] = {"count": len(values)}
        if values[0]:
            at = np.quantile(np.array(values, float)[:, 0], quantiles, method="inverted_cdf")
            ops[name]["quantiles"] = [float(f"{v:.5g}") for v in at]
    return {"images": len(images), "lengths": counts, "ops": ops}


def strings():
    out = {}
    for text in STRINGS:
        np.random.seed(3)
        random.seed(3)
        if text.startswith("augmix"):
            mix = timm.augment_and_mix_transform(text)
            for op in mix.ops:
                recording(op)
            drawn = [chains_of_mix(mix) for _ in range(N)]
            out[text] = summary([chain for chains, _, _ in drawn for chain in chains])
            out[text]["width"] = mix.width
            out[text]["weights"] = [
                float(f"{v:.4g}")
                for v in np.quantile([(1 - m) for _, _, m in drawn], np.linspace(0, 1, 11), method="inverted_cdf")
            ]
        else:
            rand = text.startswith("rand")
            made = timm.rand_augment_transform(text) if rand else timm.auto_augment_transform(text)
            for op in made.ops if rand else [op for sub in made.policy for op in sub]:
                recording(op)
            out[text] = summary([made(Recorder()).calls for _ in range(N)])
    return out


def tables():
    made = {}
    for name in ("original", "originalr", "v0", "v0r", "3a"):
        policy = timm.auto_augment_policy(name)
        made[name] = [[[op.name, op.prob, op.magnitude] for op in sub] for sub in policy]
    sets = {
        "plain": timm._RAND_TRANSFORMS,
        "increasing": timm._RAND_INCREASING_TRANSFORMS,
        "mixed": timm._AUGMIX_TRANSFORMS,
        "3a": timm._RAND_3A,
        "3aw": timm._RAND_WEIGHTED_3A,
        "weights": timm._RAND_WEIGHTED_0,
    }
    return {"policies": made, "sets": sets}


base_image = picture()
golden = {
    "timm": importlib.metadata.version("timm"),
    "pillow": importlib.metadata.version("pillow"),
    "width": WIDTH,
    "height": HEIGHT,
    "image": base64.b64encode(base_image.tobytes()).decode(),
    "tables": tables(),
    "levels": levels(),
    "strings": strings(),
    "pixels": pixels(Image.fromarray(base_image)),
}
lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in golden.items())
(HERE / "timm.json").write_text(f"{{\n{lines}\n}}\n")
print(len(golden["pixels"]), "pictures,", len(golden["strings"]), "strings")
