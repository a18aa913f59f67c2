"""OpenCV by hand: what a person who wants speed writes, one call after another, into a preallocated batch.

The resize is INTER_LINEAR without antialiasing, the quickest that people use; brightness, contrast and
saturation are one saturating multiply-add each, in random order as ColorJitter has it. It is measured in
two ways: `opencv` normalizes with NumPy's arithmetic, as such scripts do; `opencv-tuned` with a float table
through cv2.LUT, which few know and which is nearly twice as fast overall.
"""

import math
import random

import peer

try:
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    versions = {"opencv": cv2.__version__, "numpy": np.__version__}
except ImportError as error:
    failure, versions = error, {}
else:
    failure = None
    MEAN, STD = np.array(peer.MEAN, np.float32), np.array(peer.STD, np.float32)
    SCALE, SHIFT = 1 / (255 * STD), MEAN / STD
    # [1, 256, 3]: byte in, normalized float out, a table a channel.
    TABLE = ((np.arange(256, dtype=np.float32)[:, None] / 255 - MEAN) / STD)[None]


def decode(data):
    return cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)


def window(h, w):
    """RandomResizedCrop's: a tenth try at most, then the whole."""
    for _ in range(10):
        area = h * w * random.uniform(0.08, 1)
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        cw, ch = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < cw <= w and 0 < ch <= h:
            return random.randint(0, h - ch), random.randint(0, w - cw), ch, cw
    return 0, 0, h, w


def brightness(image):
    return cv2.convertScaleAbs(image, alpha=random.uniform(0.6, 1.4))


def contrast(image):
    f = random.uniform(0.6, 1.4)
    mean = cv2.mean(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))[0]
    return cv2.addWeighted(image, f, image, 0, (1 - f) * mean)


def saturation(image):
    f = random.uniform(0.6, 1.4)
    gray = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(image, f, gray, 1 - f, 0)


def by_arithmetic(image, out):
    np.multiply(image, SCALE, out=out)
    np.subtract(out, SHIFT, out=out)


def by_table(image, out):
    cv2.LUT(image, TABLE, dst=out)


normalize = by_arithmetic


def finish(image, out):
    """Normalize into the batch, then erase half of the time."""
    normalize(image, out)
    if random.random() < 0.5:
        h, w = out.shape[:2]
        for _ in range(10):
            area = h * w * random.uniform(0.02, 0.33)
            ratio = math.exp(random.uniform(math.log(0.3), math.log(3.3)))
            eh, ew = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if eh < h and ew < w:
                y, x = random.randint(0, h - eh), random.randint(0, w - ew)
                out[y : y + eh, x : x + ew] = 0
                break


def photo(image, out):
    y, x, h, w = window(*image.shape[:2])
    image = cv2.resize(image[y : y + h, x : x + w], (224, 224), interpolation=cv2.INTER_LINEAR)
    if random.random() < 0.5:
        image = cv2.flip(image, 1)
    jitter = [brightness, contrast, saturation]
    random.shuffle(jitter)
    for change in jitter:
        image = change(image)
    finish(image, out)


def small(image, out):
    image = cv2.copyMakeBorder(image, 4, 4, 4, 4, cv2.BORDER_CONSTANT)
    y, x = random.randint(0, 8), random.randint(0, 8)
    image = image[y : y + 32, x : x + 32]
    image = cv2.flip(image, 1) if random.random() < 0.5 else np.ascontiguousarray(image)
    finish(image, out)


def into_batch(items, size, side, one):
    batch = np.empty((size, side, side, 3), np.float32)  # [B, H, W, C]
    at = 0

    def step():
        nonlocal at
        for i in range(size):
            one(items[(at + i) % len(items)], batch[i])
        at += size
        return size

    return step


def make(s):
    if failure:
        raise ImportError(failure)
    global normalize
    normalize = by_table if s["contestant"] == "opencv-tuned" else by_arithmetic
    case, size = s["case"], s["batch"]
    if case == "cifar-32":
        items = [np.frombuffer(d, np.uint8) for d in peer.shard_images(s)]
        return into_batch(items, size, 32, lambda data, out: small(decode(data), out))
    if case not in ("decode", "augment-224", "augment-224-decoded"):
        raise NotImplementedError
    items = [np.frombuffer(d, np.uint8) for d in peer.photos(s)]
    if case == "decode":
        return peer.each(items, decode)
    if case == "augment-224":
        return into_batch(items, size, 224, lambda data, out: photo(decode(data), out))
    return into_batch([decode(d) for d in items], size, 224, photo)


if __name__ == "__main__":
    peer.serve(make, **versions)
