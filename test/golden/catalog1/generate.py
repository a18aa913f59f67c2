"""Golden pixels of the catalog's changes of color and moves of pixels, by Pillow, OpenCV, scikit-image, SciPy, NumPy.

    python generate.py      (needs pillow, opencv, scikit-image, scipy, torchvision, albumentations; writes *.json)

The images are those of ../augment (images.json there). Every case holds the recipe of ours that stands for the call.
Where equality is expected only the SHA-256 of the pixels is kept.
"""

import base64
import hashlib
import json
import platform
import sys
import zlib
from pathlib import Path

import albumentations as A
import cv2
import numpy as np
import PIL
import scipy
import skimage
import torchvision
from PIL import Image, ImageEnhance, ImageOps
from scipy.interpolate import RBFInterpolator
from scipy.ndimage import map_coordinates
from skimage.color import hsv2rgb, rgb2hsv
from skimage.exposure import match_histograms
from torchvision.transforms.v2 import functional as F

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "augment"))
from images import images  # noqa: E402

IMAGES = [pixels for _, pixels in images()]


def packed(array):
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode()


def rounded(values):
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


def op(name, **params):
    return {"op": name, "params": params}


class Suite:
    def __init__(self, name):
        self.name, self.cases = name, []

    def add(self, image, recipe, out, exact=False, gray=False):
        out = np.ascontiguousarray(out)
        case = {"image": image, "recipe": [recipe], "height": out.shape[0], "width": out.shape[1]}
        if gray:
            case["gray"] = True
        if exact:
            case["sha256"] = hashlib.sha256(out.tobytes()).hexdigest()
        else:
            case["data"] = packed(out)
        self.cases.append(case)

    def write(self):
        path = HERE / f"{self.name}.json"
        path.write_text(json.dumps({"cases": self.cases}, separators=(",", ":")) + "\n")
        print(f"{path.name}: {len(self.cases)} cases, {path.stat().st_size} bytes")


def suite(name):
    def run(build):
        s = Suite(name)
        for i, pixels in enumerate(IMAGES):
            build(s, i, pixels, *pixels.shape[:2], np.random.default_rng(9000 + i))
        s.write()

    return run


@suite("pillow")
def _(s, i, pixels, h, w, rng):
    image = Image.fromarray(pixels)
    add = lambda recipe, out: s.add(i, recipe, np.asarray(out), exact=True)  # noqa: E731
    gamma = float(rng.uniform(0.3, 3))
    add(op("gamma", gamma=gamma), F.adjust_gamma(image, gamma))
    add(op("invert"), ImageOps.invert(image))
    bits = int(rng.integers(1, 8))
    add(op("posterize", bits=bits), ImageOps.posterize(image, bits))
    threshold = int(rng.integers(0, 257))
    add(op("solarize", threshold=threshold), ImageOps.solarize(image, threshold))
    amount, limit = int(rng.integers(1, 111)), int(rng.integers(1, 257))
    table = [min(255, v + amount) if v < limit else v for v in range(256)]
    add(op("solarizeAdd", add=amount, threshold=limit), image.point(table * 3))
    add(op("autocontrast"), ImageOps.autocontrast(image))
    cutoff = float(np.round(rng.uniform(0, 30), 2))
    add(op("autocontrast", cutoff=cutoff), ImageOps.autocontrast(image, cutoff))
    add(op("equalize"), ImageOps.equalize(image))
    for factor in (0.0, float(rng.uniform(0, 1)), float(rng.uniform(1, 2)), float(rng.uniform(2, 8))):
        add(op("sharpness", factor=factor), ImageEnhance.Sharpness(image).enhance(factor))
    order = [int(c) for c in rng.permutation(3)]
    add(op("channelShuffle", order=order), pixels[..., order])
    add(op("transpose"), image.transpose(Image.Transpose.TRANSPOSE))


@suite("resize")
def _(s, i, pixels, h, w, rng):
    image = Image.fromarray(pixels)
    for name, mode in (("bicubic", Image.Resampling.BICUBIC), ("lanczos", Image.Resampling.LANCZOS)):
        down = [int(rng.integers(4, h)), int(rng.integers(4, w))]
        up = [int(rng.integers(h + 1, h + 16)), int(rng.integers(w + 1, w + 16))]
        for size in (down, up):
            # Rows first, always: Pillow 13 starts with what costs less, which shows where overshoot is clipped between.
            out = image.resize((size[1], h), mode).resize((size[1], size[0]), mode)
            s.add(i, op("resize", size=size, interpolation=name), np.asarray(out))


@suite("sizes")
def _(s, i, pixels, h, w, rng):
    # Halves of pixels aside, which Python rounds to even.
    side = int(rng.choice([n for n in range(5, 60) if (2 * n * w / h) % 2 != 1 and (2 * n * h / w) % 2 != 1]))
    for name, call in (("longestMaxSize", A.LongestMaxSize), ("smallestMaxSize", A.SmallestMaxSize)):
        out = call(side, interpolation=cv2.INTER_NEAREST_EXACT, p=1)(image=pixels)["image"]
        s.add(i, op(name, size=side, interpolation="nearest"), out[:, :, :0])
    fill = [int(v) for v in rng.integers(0, 256, 3)]
    to = [int(rng.integers(10, 50)), int(rng.integers(10, 50))]
    for border, mode in (("constant", cv2.BORDER_CONSTANT), ("edge", cv2.BORDER_REPLICATE), ("reflect", cv2.BORDER_REFLECT_101)):
        pad = dict(border_mode=mode, fill=fill, p=1)
        out = A.PadIfNeeded(*to, **pad)(image=pixels)["image"]
        s.add(i, op("padTo", to=to, at="center", border=border, fill=fill), out, exact=True)
        n = int(rng.integers(2, 33))
        out = A.PadIfNeeded(None, None, n, n, position="top_left", **pad)(image=pixels)["image"]
        s.add(i, op("padTo", to={"multipleOf": n}, at=[0, 0], border=border, fill=fill), out, exact=True)


@suite("clahe")
def _(s, i, pixels, h, w, rng):
    gray = np.repeat(pixels[..., 1:2], 3, -1)
    for _ in range(2):
        limit = float(np.round(rng.uniform(0.5, 20), 2))
        # OpenCV adds a whole row of tiles where only one side does not divide; there it is on its own.
        tiles = [(a, b) for a in range(1, 7) for b in range(1, 7) if (h % a == 0) == (w % b == 0)]
        down, across = (int(v) for v in tiles[rng.integers(len(tiles))])
        clahe = cv2.createCLAHE(limit, (across, down))
        recipe = op("clahe", clipLimit=limit, tiles=[down, across])
        s.add(i, recipe, np.repeat(clahe.apply(gray[..., 0])[..., None], 3, -1), exact=True, gray=True)
    ycc = cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)
    ycc[..., 0] = clahe.apply(np.ascontiguousarray(ycc[..., 0]))
    s.add(i, recipe, cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB))


SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])


@suite("color")
def _(s, i, pixels, h, w, rng):
    hue, saturation, value = float(rng.uniform(-0.5, 0.5)), float(rng.uniform(0, 3)), float(rng.uniform(0, 2))
    hsv = rgb2hsv(pixels)
    hsv[..., 0] = (hsv[..., 0] + hue) % 1
    hsv[..., 1:] = np.clip(hsv[..., 1:] * [saturation, value], 0, 1)
    s.add(i, op("hueSaturationValue", hue=hue, saturation=saturation, value=value), rounded(255 * hsv2rgb(hsv)))
    strength = float(rng.uniform(0, 1))
    matrix = (1 - strength) * np.eye(3) + strength * SEPIA
    s.add(i, op("sepia", strength=strength), cv2.transform(pixels, matrix))
    s.add(i, op("toGray", method="mean"), rounded(pixels.mean(-1, keepdims=True).repeat(3, -1)))
    s.add(i, op("toGray", method="max"), pixels.max(-1, keepdims=True).repeat(3, -1))
    middle = (pixels.max(-1, keepdims=True) / 2 + pixels.min(-1, keepdims=True) / 2).repeat(3, -1)
    s.add(i, op("toGray", method="desaturation"), rounded(middle))
    shift = [float(v) for v in rng.uniform(-0.4, 0.4, 3)]
    s.add(i, op("rgbShift", shift=shift), rounded(pixels + 255 * np.array(shift)))


@suite("reference")
def _(s, i, pixels, h, w, rng):
    other = IMAGES[(i + 7) % len(IMAGES)]
    counts = np.stack([np.bincount(other[..., c].ravel(), minlength=256) for c in range(3)])
    reference = [int(n) for n in counts.ravel()]
    out = match_histograms(pixels, other, channel_axis=-1)
    s.add(i, op("histogramMatching", reference=reference, strength=1), out.astype(np.uint8))

    # A reference of the image's own size, whose spectrum needs no resizing.
    same = cv2.resize(other, (w, h), interpolation=cv2.INTER_AREA)
    radius, strength = int(rng.integers(0, min(h, w) // 2)), float(np.round(rng.uniform(0.3, 1), 2))
    low = np.fft.fft2(pixels.astype(float), axes=(0, 1))
    there = np.abs(np.fft.fft2(same.astype(float), axes=(0, 1)))
    v, u = np.fft.fftfreq(h) * h, np.fft.fftfreq(w) * w
    near = (np.abs(v)[:, None] <= radius) & (np.abs(u)[None] <= radius)
    if np.abs(low)[near].min() < 1e-6:
        return  # what has no amplitude has no phase: ours leaves it away, NumPy makes one up
    amplitude = np.where(near[..., None], (1 - strength) * np.abs(low) + strength * there, np.abs(low))
    out = np.fft.ifft2(amplitude * np.exp(1j * np.angle(low)), axes=(0, 1)).real
    kept = [
        round(float(there[v % h, u % w, c]) / (h * w), 4)
        for c in range(3)
        for u in range(radius + 1)
        for v in range(-radius, radius + 1)
    ]
    ours = op("fourierDomainAdaptation", reference={"radius": radius, "amplitude": kept}, strength=strength)
    s.add(i, ours, rounded(out))


def warped(pixels, xs, ys):
    """Bilinear, edges repeated; coordinates with pixel centers at whole numbers."""
    planes = [map_coordinates(pixels[..., c].astype(float), [ys, xs], order=1, mode="nearest") for c in range(3)]
    return rounded(np.stack(planes, -1))


@suite("warps")
def _(s, i, pixels, h, w, rng):
    unit = np.hypot(w, h) / 2
    k = float(rng.uniform(-0.33, 1))
    camera = np.array([[unit, 0, w / 2 - 0.5], [0, unit, h / 2 - 0.5], [0, 0, 1]])
    xs, ys = cv2.initUndistortRectifyMap(camera, np.array([k, 0, 0, 0]), None, camera, (w, h), cv2.CV_32FC1)
    s.add(i, op("opticalDistortion", k=k, border="edge"), warped(pixels, xs, ys))

    strength = float(rng.uniform(0.1, 0.9))
    theta = strength * np.pi / 2
    y, x = np.mgrid[0:h, 0:w] + 0.5
    dx, dy = x - w / 2, y - h / 2
    r = np.maximum(np.hypot(dx, dy) / unit, 1e-12)
    factor = np.tan(theta * r) / np.tan(theta) / r
    xs, ys = w / 2 + dx * factor - 0.5, h / 2 + dy * factor - 0.5
    s.add(i, op("fisheye", strength=strength, border="edge"), warped(pixels, xs, ys))

    points = int(rng.integers(2, 6))
    moves = np.round(rng.uniform(-0.1, 0.1, (points * points, 2)), 4)
    at = np.stack(np.meshgrid(*[np.linspace(0, 1, points)] * 2), -1).reshape(-1, 2)
    bent = RBFInterpolator(at, moves, kernel="thin_plate_spline", degree=1)(
        np.stack([x / w, y / h], -1).reshape(-1, 2)
    ).reshape(h, w, 2)
    ours = op("thinPlateSpline", points=points, displacements=moves.tolist(), border="edge")
    s.add(i, ours, warped(pixels, x - 0.5 + bent[..., 0] * w, y - 0.5 + bent[..., 1] * h))


def black_body(kelvin):
    """Linear sRGB of Planck's law through the CIE 1931 observer (the multi-lobe fit of Wyman et al., 2013)."""
    nm = np.arange(380, 781, 1.0)
    m = nm * 1e-9
    power = m**-5 / np.expm1(0.01438777 / (m * kelvin))
    lobe = lambda a, mu, s1, s2: a * np.exp(-0.5 * ((nm - mu) / np.where(nm < mu, s1, s2)) ** 2)  # noqa: E731
    x = lobe(1.056, 599.8, 37.9, 31.0) + lobe(0.362, 442.0, 16.0, 26.7) + lobe(-0.065, 501.1, 20.4, 26.2)
    y = lobe(0.821, 568.8, 46.9, 40.5) + lobe(0.286, 530.9, 16.3, 31.1)
    z = lobe(1.217, 437.0, 11.8, 36.0) + lobe(0.681, 459.0, 26.0, 13.8)
    X, Y, Z = (power @ v for v in (x, y, z))
    to_rgb = [[3.2404542, -1.5371385, -0.4985314], [-0.969266, 1.8760108, 0.041556], [0.0556434, -0.2040259, 1.0572252]]
    return np.array(to_rgb) @ np.array([X, Y, Z]) / Y


def temperatures():
    out = []
    for kelvin in (2500, 3000, 4000, 5000, 6500, 8000, 10000, 15000, 25000):
        ratio = black_body(kelvin) / black_body(6500)
        gains = ratio / (ratio @ [0.2126, 0.7152, 0.0722])
        out.append({"temperature": kelvin, "gains": [round(float(v), 5) for v in gains]})
    return out


versions = {
    "python": platform.python_version(),
    "numpy": np.__version__,
    "pillow": PIL.__version__,
    "opencv": cv2.__version__,
    "scikit-image": skimage.__version__,
    "scipy": scipy.__version__,
    "torchvision": torchvision.__version__.split("+")[0],
    "albumentations": A.__version__,
}
(HERE / "scalars.json").write_text(json.dumps({"versions": versions, "temperatures": temperatures()}, indent=1) + "\n")
