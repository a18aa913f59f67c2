"""Golden pixels: what torchvision does to small images, on PIL images and on tensors, with explicit parameters.

    python generate.py      (needs torch, torchvision, pillow, numpy; writes images.json and parity-*.json)

Every case holds the draws of ours that stand for the call, so that the test needs to know nothing more.
Where equality is expected only the SHA-256 of the pixels is kept.
"""

import base64
import hashlib
import json
import platform
import zlib
from pathlib import Path

import numpy as np
import PIL
import torch
import torchvision
from images import images
from PIL import Image
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

HERE = Path(__file__).parent
IMAGES = images()
NEAREST, BILINEAR = v2.InterpolationMode.NEAREST, v2.InterpolationMode.BILINEAR
EXACT = v2.InterpolationMode.NEAREST_EXACT


def packed(array):
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode()


def to_tensor(pixels):
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1).contiguous()  # [3, H, W]


def to_pixels(result):
    if isinstance(result, torch.Tensor):
        return result.permute(1, 2, 0).contiguous().numpy()
    return np.asarray(result)


class Suite:
    def __init__(self, name):
        self.name, self.cases = name, []

    def add(self, image, recipe, pil=None, tensor=None, exact=()):
        """exact: which of 'pil', 'tensor' must be equal; those are kept as hashes."""
        pixels = IMAGES[image][1]
        case = {"image": image, "recipe": recipe}
        for key, call, source in (
            ("pil", pil, Image.fromarray(pixels)),
            ("tensor", tensor, to_tensor(pixels)),
        ):
            if call is None:
                continue
            out = to_pixels(call(source))
            case["height"], case["width"] = out.shape[:2]
            if key in exact:
                case[key] = {"sha256": hashlib.sha256(np.ascontiguousarray(out).tobytes()).hexdigest()}
            else:
                case[key] = {"dtype": str(out.dtype), "data": packed(out)}
        self.cases.append(case)

    def write(self):
        path = HERE / f"parity-{self.name}.json"
        path.write_text(json.dumps({"name": self.name, "cases": self.cases}, separators=(",", ":")) + "\n")
        print(f"{path.name}: {len(self.cases)} cases, {path.stat().st_size} bytes")


def op(name, **params):
    return {"op": name, "params": params}


def suite(name):
    def run(build):
        s = Suite(name)
        for i, (_, pixels) in enumerate(IMAGES):
            build(s, i, *pixels.shape[:2], np.random.default_rng(5000 + i))
        s.write()

    return run


BOTH = ("pil", "tensor")


@suite("flips")
def _(s, i, h, w, rng):
    s.add(i, [op("horizontalFlip")], F.horizontal_flip, F.horizontal_flip, BOTH)
    s.add(i, [op("verticalFlip")], F.vertical_flip, F.vertical_flip, BOTH)
    for turns in (1, 2, 3):
        rotate = lambda x: F.rotate(x, 90 * turns, expand=True)  # noqa: B023
        turn = lambda x: torch.rot90(x, turns, (1, 2))  # noqa: B023
        s.add(i, [op("randomRotate90", turns=turns)], rotate, turn, BOTH)


@suite("crops")
def _(s, i, h, w, rng):
    ch, cw = int(rng.integers(5, h)), int(rng.integers(5, w))
    s.add(i, [op("centerCrop", size=[ch, cw])], *[lambda x: F.center_crop(x, [ch, cw])] * 2, BOTH)
    big = [h + int(rng.integers(1, 8)), w + int(rng.integers(1, 8))]
    s.add(i, [op("centerCrop", size=big)], *[lambda x: F.center_crop(x, big)] * 2, BOTH)
    fill = [int(v) for v in rng.integers(0, 256, 3)]
    for border, mode in (("constant", "constant"), ("edge", "edge"), ("reflect", "reflect")):
        pad = int(rng.integers(1, 9))
        top, left = int(rng.integers(0, 2 * pad + 1)), int(rng.integers(0, 2 * pad + 1))

        def call(x, pad=pad, top=top, left=left, mode=mode):
            padded = F.pad(x, [pad] * 4, fill=fill if mode == "constant" else None, padding_mode=mode)
            return F.crop(padded, top, left, h, w)

        ours = op("padCrop", x=left - pad, y=top - pad, border=border, fill=fill)
        s.add(i, [ours], call, call, BOTH)
        # The whole padded image: a crop of its full size at its only place.
        whole = lambda x, pad=pad, mode=mode: F.pad(x, [pad] * 4, fill=fill if mode == "constant" else None, padding_mode=mode)  # noqa: E501
        size = [h + 2 * pad, w + 2 * pad]
        ours = op("randomCrop", size=size, padding=pad, border=border, fill=fill, x=0.5, y=0.5)
        s.add(i, [ours], whole, whole, BOTH)


def side(rng, size, low, high):
    """A random side in low..high-1 few of whose centers fall between two old pixels: there peers go by chance."""
    tied = lambda to: sum((2 * k + 1) * size % (2 * to) == 0 for k in range(to))
    return int(rng.choice([to for to in range(low, high) if tied(to) <= to // 4]))


@suite("resize")
def _(s, i, h, w, rng):
    down = [side(rng, h, 4, h), side(rng, w, 4, w)]
    up = [side(rng, h, h + 1, h + 16), side(rng, w, w + 1, w + 16)]
    mixed = [side(rng, h, h // 3, h // 2 + 2), side(rng, w, w + 4, w + 9)]
    for n, size in enumerate((down, up, mixed)):
        # Antialiased: Pillow's filter on both.
        call = lambda x, size=size: F.resize(x, size, BILINEAR, antialias=True)
        s.add(i, [op("resize", size=size)], call, call if n < 2 else None)
        near = lambda x, size=size: F.resize(x, size, NEAREST)
        exact = lambda x, size=size: F.resize(x, size, EXACT)
        s.add(i, [op("resize", size=size, interpolation="nearest")], near, exact)
    # Plain bilinear exists on tensors alone.
    call = lambda x: F.resize(x, down, BILINEAR, antialias=False)
    s.add(i, [op("resize", size=down, antialias=False)], None, call)
    short = int(rng.integers(8, 24))
    call = lambda x: F.resize(x, short, BILINEAR, antialias=True)
    s.add(i, [op("resize", size=short, keepRatio=True)], call)


@suite("resized-crop")
def _(s, i, h, w, rng):
    size = [16, 16] if i % 2 else [12, 19]
    bh, bw = int(rng.integers(4, h + 1)), int(rng.integers(4, w + 1))
    top, left = int(rng.integers(0, h - bh + 1)), int(rng.integers(0, w - bw + 1))
    # The candidate that rounds to this box: its area and ratio from its sides.
    box = op(
        "randomResizedCrop",
        size=size,
        tries=[[bh * bw / (h * w), bw / bh]],
        x=(left + 0.5) / (w - bw + 1),
        y=(top + 0.5) / (h - bh + 1),
        ratios=[0.75, 4 / 3],
    )
    call = lambda x: F.resized_crop(x, top, left, bh, bw, size, BILINEAR, antialias=True)
    s.add(i, [box], call, call)


@suite("affine")
def _(s, i, h, w, rng):
    angle = float(rng.uniform(-180, 180))
    shift = [float(rng.integers(-w // 5, w // 5)), float(rng.integers(-h // 5, h // 5))]
    scale = float(rng.uniform(0.7, 1.4))
    shear = [float(v) for v in rng.uniform(-20, 20, 2)]
    fill = [int(v) for v in rng.integers(0, 256, 3)]
    for mode, name in ((NEAREST, "nearest"), (BILINEAR, "bilinear")):
        call = lambda x, mode=mode: F.affine(x, angle, shift, scale, shear, interpolation=mode, fill=fill)
        ours = op(
            "affine",
            angle=angle,
            translate=[shift[0] / w, shift[1] / h],
            scale=scale,
            shear=shear,
            interpolation=name,
            fill=fill,
        )
        s.add(i, [ours], call, call)


@suite("color")
def _(s, i, h, w, rng):
    for name, call in (
        ("brightness", F.adjust_brightness),
        ("contrast", F.adjust_contrast),
        ("saturation", F.adjust_saturation),
    ):
        for factor in (float(rng.uniform(0, 1)), float(rng.uniform(1, 2))):
            both = [lambda x, call=call, factor=factor: call(x, factor)] * 2
            s.add(i, [op(name, factor=factor)], *both, ("pil",))
    s.add(i, [op("grayscale")], *[lambda x: F.rgb_to_grayscale(x, 3)] * 2, ("pil",))
    # Three in a row, as ColorJitter does.
    b, c, t = (float(v) for v in rng.uniform(0.6, 1.4, 3))
    chain = lambda x: F.adjust_contrast(F.adjust_saturation(F.adjust_brightness(x, b), t), c)
    s.add(i, [op("colorJitter", values=[b, c, t, 0], order=[0, 2, 1, 3])], chain, None, ("pil",))


@suite("hue")
def _(s, i, h, w, rng):
    for shift in (float(rng.uniform(-0.5, 0)), float(rng.uniform(0, 0.5))):
        call = lambda x, shift=shift: F.adjust_hue(x, shift)
        s.add(i, [op("hue", shift=shift)], call, call)


@suite("normalize-erase")
def _(s, i, h, w, rng):
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    size = [6, 7]
    crop, norm = op("centerCrop", size=size), op("normalize", mean=mean, std=std)

    def normalized(x):
        return F.normalize(F.to_dtype(F.center_crop(x, size), torch.float32, scale=True), mean, std)

    s.add(i, [crop, norm], None, normalized)
    eh, ew = int(rng.integers(1, 5)), int(rng.integers(1, 6))
    top, left = int(rng.integers(0, size[0] - eh + 1)), int(rng.integers(0, size[1] - ew + 1))
    value = [float(v) for v in np.round(rng.uniform(-2, 2, 3), 3)]

    def box(h, w, eh, ew, top, left):
        return {
            "tries": [[eh * ew / (h * w), ew / eh]],
            "x": (left + 0.5) / (w - ew + 1),
            "y": (top + 0.5) / (h - eh + 1),
        }

    erase = op("randomErasing", **box(*size, eh, ew, top, left), fill=value)
    patch = torch.tensor(value)[:, None, None]
    s.add(i, [crop, norm, erase], None, lambda x: F.erase(normalized(x), top, left, eh, ew, patch))
    # On bytes, over the whole image.
    eh, ew = int(rng.integers(1, h)), int(rng.integers(1, w))
    top, left = int(rng.integers(0, h - eh + 1)), int(rng.integers(0, w - ew + 1))
    value = [int(v) for v in rng.integers(0, 256, 3)]
    patch8 = torch.tensor(value, dtype=torch.uint8)[:, None, None].expand(3, eh, ew)
    erase = op("randomErasing", **box(h, w, eh, ew, top, left), fill=value)
    s.add(i, [erase], None, lambda x: F.erase(x, top, left, eh, ew, patch8), ("tensor",))


@suite("histogram-blur")
def _(s, i, h, w, rng):
    s.add(i, [op("equalize")], F.equalize, F.equalize, BOTH)
    sigma = float(rng.uniform(0.4, 2))
    reach = int(np.ceil(3 * sigma))
    blur = lambda x: F.gaussian_blur(x, [2 * reach + 1] * 2, [sigma, sigma])
    s.add(i, [op("gaussianBlur", sigma=sigma)], None, blur)


@suite("perspective")
def _(s, i, h, w, rng):
    inward = rng.integers(0, 6, (4, 2)).tolist()
    corners = [[0, 0], [w, 0], [w, h], [0, h]]
    to = [[abs(x - dx), abs(y - dy)] for (x, y), (dx, dy) in zip(corners, inward)]
    fill = [int(v) for v in rng.integers(0, 256, 3)]
    for mode, name in ((NEAREST, "nearest"), (BILINEAR, "bilinear")):
        call = lambda x, mode=mode: F.perspective(x, corners, to, interpolation=mode, fill=fill)
        ours = op("perspective", corners=[[x / w, y / h] for x, y in to], interpolation=name, fill=fill)
        s.add(i, [ours], call, call)


def main():
    listed = [
        {"name": name, "height": p.shape[0], "width": p.shape[1], "data": packed(p)} for name, p in IMAGES
    ]
    versions = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pillow": PIL.__version__,
        "torch": torch.__version__.split("+")[0],
        "torchvision": torchvision.__version__.split("+")[0],
    }
    text = json.dumps({"versions": versions, "images": listed}, separators=(",", ":"))
    (HERE / "images.json").write_text(text + "\n")
    print(f"images.json: {len(listed)} images, {len(text)} bytes")


main()
