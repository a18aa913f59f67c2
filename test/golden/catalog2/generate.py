"""Golden pixels of the catalog's blurs, sharpening, compression and multiplicative noise, and golden distributions of
its random noise, by OpenCV, albumentations, Pillow, SciPy and NumPy.

    python generate.py      (needs opencv, albumentations, pillow, scipy, numpy; writes *.json)

The images are those of ../augment (images.json there). Every case holds the recipe of ours that stands for the call.
Where equality is expected only the SHA-256 of the pixels is kept.
"""

import base64
import hashlib
import io
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
from PIL import Image
from scipy.stats import poisson

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "augment"))
from images import images  # noqa: E402

IMAGES = [pixels for _, pixels in images()]
REFLECT = cv2.BORDER_REFLECT_101


def packed(array):
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode()


def rounded(values):
    return np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)


def op(name, **params):
    return {"op": name, "params": params}


class Suite:
    def __init__(self, name):
        self.name, self.cases = name, []

    def add(self, image, recipe, out, exact=False):
        out = np.ascontiguousarray(out)
        assert out.dtype == np.uint8, out.dtype
        case = {"image": image, "recipe": [recipe], "height": out.shape[0], "width": out.shape[1]}
        if exact:
            case["sha256"] = hashlib.sha256(out.tobytes()).hexdigest()
        else:
            case["data"] = packed(out)
        self.cases.append(case)

    def write(self):
        path = HERE / f"{self.name}.json"
        versions = {"albumentations": A.__version__, "opencv": cv2.__version__, "pillow": PIL.__version__}
        versions |= {"scipy": scipy.__version__, "numpy": np.__version__, "python": platform.python_version()}
        path.write_text(json.dumps({"versions": versions, "cases": self.cases}, separators=(",", ":")) + "\n")
        print(f"{path.name}: {len(self.cases)} cases, {path.stat().st_size} bytes")


def convolved(pixels, kernel):
    """In floating point, rounded once."""
    return rounded(cv2.filter2D(pixels.astype(np.float64), -1, kernel, borderType=REFLECT))


def line_kernel(length, angle, direction):
    """A line as wide as a pixel along its main axis, by ten thousand points."""
    c, s = np.cos(np.deg2rad(angle)), -np.sin(np.deg2rad(angle))
    t = (np.arange(10000) + 0.5) / 10000 * 2 - 1
    x, y = t * length / 2 * c, t * length / 2 * s
    reach = int(length) // 2 + 2
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    upright = abs(s) > abs(c)
    main = np.round(y if upright else x)
    across = main * (c / s if upright else s / c)
    for shift in (0, 1):
        n = np.floor(np.round(across, 9)) + shift
        weight = (1 + direction * t) * (1 - abs(across - n)).clip(0)
        rows, columns = (main, n) if upright else (n, main)
        np.add.at(kernel, (rows.astype(int) + reach, columns.astype(int) + reach), weight)
    return kernel / kernel.sum()


def disc_kernel(radius):
    """The share of each pixel in a disc, by 64 × 64 points."""
    reach = int(np.ceil(radius))
    fine = 64
    at = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - reach - 0.5
    inside = (at[:, None] ** 2 + at[None, :] ** 2 <= radius**2).astype(float)
    side = 2 * reach + 1
    kernel = inside.reshape(side, fine, side, fine).mean((1, 3))
    return kernel / kernel.sum()


def gaussian(pixels, sigma):
    size = 2 * int(np.ceil(3 * sigma)) + 1
    return cv2.GaussianBlur(pixels.astype(np.float64), (size, size), sigma, borderType=REFLECT)


def zoomed(pixels, factor):
    h, w = pixels.shape[:2]
    y, x = [((np.arange(n) + 0.5 - n / 2) / factor + n / 2 - 0.5).astype(np.float32) for n in (h, w)]
    grid = np.meshgrid(x, y)
    return cv2.remap(pixels.astype(np.float32), *grid, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def zoom_blur(pixels, factor):
    h, w = pixels.shape[:2]
    travel = (factor - 1) / factor * np.hypot(w / 2, h / 2)
    n = 2 ** min(6, max(1, int(np.ceil(np.log2(1 + travel / 1.5)))))
    return rounded(np.mean([zoomed(pixels, factor ** (i / (n - 1))) for i in range(n)], axis=0))


def blurs():
    s = Suite("blurs")
    for i, pixels in enumerate(IMAGES):
        size = (3, 5, 7, 11)[i % 4]
        s.add(i, op("boxBlur", size=size), cv2.blur(pixels, (size, size), borderType=REFLECT))
        sigma = (0.4, 1, 1.7, 3)[i % 4]
        s.add(i, op("gaussianBlur", sigma=sigma), rounded(gaussian(pixels, sigma)))
        for side in (3, 5, 7):
            s.add(i, op("medianBlur", size=side), cv2.medianBlur(pixels, side), exact=True)
        along = (3, 5, 9)[i % 3]
        flat = cv2.blur(pixels, (along, 1), borderType=REFLECT)
        s.add(i, op("motionBlur", length=along, angle=0, direction=0), flat)
        high = cv2.blur(pixels, (1, along), borderType=REFLECT)
        s.add(i, op("motionBlur", length=along, angle=90, direction=0), high)
        length, angle, direction = 2 + 0.7 * (i % 13), -170 + 29 * i, (i % 5 - 2) / 2
        kernel = line_kernel(length, angle, direction)
        s.add(i, op("motionBlur", length=length, angle=angle, direction=direction), convolved(pixels, kernel))
        radius = 0.6 + 0.37 * (i % 11)
        s.add(i, op("defocus", radius=radius), convolved(pixels, disc_kernel(radius)))
        factor = 1.02 + 0.04 * (i % 9)
        s.add(i, op("zoomBlur", factor=factor), zoom_blur(pixels, factor))
    s.write()


def sharpening():
    s = Suite("sharpening")
    for i, pixels in enumerate(IMAGES):
        alpha, lightness, strength = 0.1 + 0.04 * i, (0.5, 0.8, 1, 1.4)[i % 4], (0.2, 0.5, 1)[i % 3]
        sharpen = A.Sharpen(alpha=(alpha, alpha), lightness=(lightness, lightness), method="kernel", p=1)
        s.add(i, op("sharpen", alpha=alpha, lightness=lightness), sharpen(image=pixels)["image"])
        emboss = A.Emboss(alpha=(alpha, alpha), strength=(strength, strength), p=1)
        s.add(i, op("emboss", alpha=alpha, strength=strength), emboss(image=pixels)["image"])
        sigma, amount = (0.6, 1, 2)[i % 3], (0.5, 1)[i % 2]
        x = pixels.astype(np.float64)
        sharp = rounded(x + amount * (x - gaussian(pixels, sigma)))
        s.add(i, op("unsharpMask", sigma=sigma, amount=amount, threshold=0), sharp)
    s.write()


def compression():
    s = Suite("compression")
    for i, pixels in enumerate(IMAGES):
        for quality, subsampling in ((20 + 3 * i, "4:2:0"), (10 + 4 * i % 90, "4:4:4")):
            encoded = io.BytesIO()
            chroma = {"4:4:4": 0, "4:2:0": 2}[subsampling]
            Image.fromarray(pixels).save(encoded, "JPEG", quality=quality, subsampling=chroma)
            recipe = op("jpegCompression", quality=quality, subsampling=subsampling)
            s.add(i, recipe, np.asarray(Image.open(encoded)))
        h, w = pixels.shape[:2]
        scale = 0.2 + 0.03 * i
        low, small = [max(1, int(np.floor(n * scale + 0.5))) for n in (h, w)]
        shrunk = cv2.resize(pixels, (small, low), interpolation=cv2.INTER_AREA)
        y, x = [((np.arange(n) + 0.5) * m / n).astype(int) for n, m in ((h, low), (w, small))]
        s.add(i, op("downscale", scale=scale, down="area", up="nearest"), shrunk[y][:, x])
        large = cv2.resize(shrunk, (w, h), interpolation=cv2.INTER_LINEAR)
        s.add(i, op("downscale", scale=scale, down="area", up="bilinear"), large)
        y, x = [((np.arange(m) + 0.5) * n / m).astype(int) for n, m in ((h, low), (w, small))]
        picked = pixels[y][:, x]
        y, x = [((np.arange(n) + 0.5) * m / n).astype(int) for n, m in ((h, low), (w, small))]
        recipe = op("downscale", scale=scale, down="nearest", up="nearest")
        s.add(i, recipe, picked[y][:, x], exact=True)
    s.write()


def noise():
    s = Suite("noise")
    rng = np.random.default_rng(5)
    for i, pixels in enumerate(IMAGES):
        factors = np.round(rng.uniform(0.3, 1.8, 3), 3)
        out = rounded(pixels * factors)
        s.add(i, op("multiplicativeNoise", factors=factors.tolist()), out, exact=True)
    s.write()


def distributions():
    """Cumulative probabilities of Poisson counts: what shotNoise draws from."""
    rows = []
    for scale in (0.003, 0.02, 0.1, 0.5):
        for value in (3, 40, 128, 255):
            mean = value / 255 / scale
            counts = np.unique(poisson.ppf(np.linspace(0.02, 0.98, 9), mean)).astype(int)
            below = poisson.cdf(counts, mean)
            rows.append({"scale": scale, "value": value, "counts": counts.tolist(), "below": below.tolist()})
    path = HERE / "poisson.json"
    path.write_text(json.dumps({"rows": rows}, separators=(",", ":")) + "\n")
    print(f"{path.name}: {len(rows)} rows")


if __name__ == "__main__":
    blurs()
    sharpening()
    compression()
    noise()
    distributions()
