"""OpenCV by hand: what a person who wants speed writes, one call after another, into a preallocated batch.

The resize is INTER_LINEAR without antialiasing, the quickest that people use; brightness, contrast and
saturation are one saturating multiply-add each, in random order as ColorJitter has it. It is measured in
two ways: `opencv` normalizes with NumPy's arithmetic, as such scripts do; `opencv-tuned` with a float table
through cv2.LUT, which few know and which is nearly twice as fast overall. `opencv-reduced` is the tuned one that
also reads the size in the header first and decodes at 1/2, 1/4 or 1/8 where the window allows it.
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


def cropped(image):
    y, x, h, w = peer.window(*image.shape[:2])
    return cv2.resize(image[y : y + h, x : x + w], (224, 224), interpolation=cv2.INTER_LINEAR)


def flipped(image):
    return cv2.flip(image, 1) if random.random() < 0.5 else image


def photo(image, out):
    jittered(flipped(cropped(image)), out)


def jittered(image, out):
    jitter = [brightness, contrast, saturation]
    random.shuffle(jitter)
    for change in jitter:
        image = change(image)
    finish(image, out)


def large(image, out):
    normalize(flipped(cropped(image)), out)


REDUCED = {2: "IMREAD_REDUCED_COLOR_2", 4: "IMREAD_REDUCED_COLOR_4", 8: "IMREAD_REDUCED_COLOR_8"}


def large_reduced(data, out):
    height, width = jpeg_size(data)
    y, x, h, w = peer.window(height, width)
    n = peer.fraction(h, w)
    if n == 1:
        image = decode(data)[y : y + h, x : x + w]
    else:
        image = cv2.imdecode(data, getattr(cv2, REDUCED[n]))[y // n : (y + h) // n, x // n : (x + w) // n]
    image = cv2.resize(image, (224, 224), interpolation=cv2.INTER_LINEAR)
    if n > 1:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)  # there is no reduced flag in RGB; here it is cheap
    normalize(flipped(image), out)


def jpeg_size(data):
    """Height and width from the frame header."""
    at = 2
    while True:
        marker, length = data[at + 1], (int(data[at + 2]) << 8) + int(data[at + 3])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return (int(data[at + 5]) << 8) + int(data[at + 6]), (int(data[at + 7]) << 8) + int(data[at + 8])
        at += 2 + length


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
    normalize = by_arithmetic if s["contestant"] == "opencv" else by_table
    case, size = s["case"], s["batch"]
    if case == "large-photos":
        items = [np.frombuffer(d, np.uint8) for d in peer.photos(s)]
        if s["contestant"] == "opencv-reduced":
            return into_batch(items, size, 224, large_reduced)
        return into_batch(items, size, 224, lambda data, out: large(decode(data), out))
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
