"""Perceptual hashes by Python's imagehash of pictures that the test makes from the same whole numbers.

python -m venv v; v/bin/pip install imagehash==4.3.2 pillow==12.3.0; v/bin/python test/golden/prepare/hashes.py > test/golden/prepare/hashes.json
"""
import hashlib
import json

import imagehash
import numpy
import PIL
from PIL import Image


def picture(width, height, seed):
    """[H, W, 3]: corners of rectangles and slopes, with some noise, in whole numbers."""
    pixels = numpy.zeros((height, width, 3), numpy.uint8)
    state = seed
    shapes = []
    for _ in range(12):
        draws = []
        for _ in range(7):
            state = (1103515245 * state + 12345) % 2**31
            draws.append(state >> 8)
        shapes.append(draws)
    for y in range(height):
        for x in range(width):
            color = [x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height)]
            for left, top, wide, high, r, g, b in shapes:
                x0, y0 = left % width, top % height
                if x0 <= x < x0 + 1 + wide % width and y0 <= y < y0 + 1 + high % height:
                    color = [(c + n % 256) // 2 for c, n in zip(color, (r, g, b))]
            state = (1103515245 * state + 12345) % 2**31
            noise = (state >> 16) % 9
            pixels[y, x] = [min(255, c + noise) for c in color]
    return pixels


SIZES = [(32, 32), (9, 8), (8, 8), (1, 1), (3, 50), (64, 48), (100, 75), (131, 197), (250, 188), (333, 120), (20, 24)]
rows = []
for seed in range(1, 5):
    for width, height in SIZES:
        pixels = picture(width, height, 1000 * seed + width)
        image = Image.fromarray(pixels)
        gray = image.convert("L")
        small = numpy.asarray(gray.resize((32, 32), Image.Resampling.LANCZOS))
        rows.append({
            "width": width,
            "height": height,
            "seed": 1000 * seed + width,
            "pixels": hashlib.sha256(pixels.tobytes()).hexdigest()[:16],
            "luma": hashlib.sha256(numpy.asarray(gray).tobytes()).hexdigest()[:16],
            "thumbnail": hashlib.sha256(small.tobytes()).hexdigest()[:16],
            "phash": str(imagehash.phash(image)),
            "dhash": str(imagehash.dhash(image)),
        })
print(json.dumps({"imagehash": imagehash.__version__, "pillow": PIL.__version__, "rows": rows}, indent=0))
