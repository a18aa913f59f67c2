"""Small BMP and PNM files, and the pixels that Pillow reads from them: bitmaps.json.

    pip install pillow==13.0.0 && python test/golden/io/bitmaps.py

Files that Pillow cannot write are put together by hand. `rgb` is Pillow's `convert("RGB")`; with alpha, `rgba` is what it
reads. Where Pillow keeps 16 bits of gray, `rgb` is round(255 * v / 65535).
"""
import base64
import io
import json
import pathlib
import random
import struct

from PIL import Image

draw = random.Random(13)
cases = {}


def noise(n):
    return bytes(draw.randrange(256) for _ in range(n))


def add(name, data):
    image = Image.open(io.BytesIO(data))
    image.load()
    case = {"file": base64.b64encode(data).decode(), "width": image.width, "height": image.height}
    if image.mode == "RGBA":
        case["rgba"] = base64.b64encode(image.tobytes()).decode()
    elif image.mode.startswith("I"):
        gray = bytes(round(255 * v / 65535) for v in image.get_flattened_data())
        case["rgb"] = base64.b64encode(bytes(v for g in gray for v in (g, g, g))).decode()
    else:
        case["rgb"] = base64.b64encode(image.convert("RGB").tobytes()).decode()
    cases[name] = case


def rows(width, height, bits):
    stride = (width * bits + 31) // 32 * 4
    return noise(stride * height)


def bmp(width, height, bits, pixels, compression=0, size=40, masks=(), palette=b"", colors=0, offset=None):
    head = struct.pack("<IiiHHIIiiII", size, width, height, 1, bits, compression, len(pixels), 0, 0, colors, 0)
    behind = b""
    if size > 40:
        head += b"".join(struct.pack("<I", m) for m in masks)
        head = head.ljust(size, b"\0")
    elif masks:
        behind = b"".join(struct.pack("<I", m) for m in masks)
    start = 14 + len(head) + len(behind) + len(palette)
    file = b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start if offset is None else offset)
    return file + head + behind + palette + pixels


def palette(n, step=4):
    return b"".join(noise(3) + b"\0" * (step - 3) for _ in range(n))


# Palettes, from the bottom up and the top down, with fewer colors than bits allow, gray, two colors.
add("8 bits", bmp(5, 3, 8, rows(5, 3, 8), palette=palette(256)))
add("8 bits, top down", bmp(5, -3, 8, rows(5, 3, 8), palette=palette(256)))
add("8 bits, 20 colors", bmp(3, 2, 8, bytes([0, 5, 19, 0, 7, 18, 3, 0]), palette=palette(20), colors=20))
add("8 bits, gray", bmp(5, 3, 8, rows(5, 3, 8), palette=b"".join(bytes([i, i, i, 0]) for i in range(256))))
add("4 bits", bmp(7, 3, 4, rows(7, 3, 4), palette=palette(16)))
add("4 bits, top down", bmp(7, -3, 4, rows(7, 3, 4), palette=palette(16)))
add("1 bit", bmp(11, 3, 1, rows(11, 3, 1), palette=palette(2)))
add("1 bit, black and white", bmp(11, 3, 1, rows(11, 3, 1), palette=bytes([0, 0, 0, 0, 255, 255, 255, 0])))
add("1 bit, white and black", bmp(11, 3, 1, rows(11, 3, 1), palette=bytes([255, 255, 255, 0, 0, 0, 0, 0])))
whole = bmp(5, 3, 8, rows(5, 3, 8), palette=palette(256), offset=54)
add("8 bits, offset without the palette", whole)
# OS/2: sizes of 16 bits, three bytes a color.
for bits in (1, 4, 8, 24):
    colors = palette(1 << bits, 3) if bits < 24 else b""
    pixels = rows(6, 3, bits)
    start = 26 + len(colors)
    head = b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + struct.pack("<IHHHH", 12, 6, 3, 1, bits)
    add(f"OS/2, {bits} bits", head + colors + pixels)
# No palette.
for height in (3, -3):
    order = "top down" if height < 0 else "bottom up"
    add(f"16 bits, {order}", bmp(5, height, 16, rows(5, 3, 16)))
    add(f"24 bits, {order}", bmp(5, height, 24, rows(5, 3, 24)))
    add(f"32 bits, {order}", bmp(5, height, 32, rows(5, 3, 32)))
for bits, masks in (
    (16, (0xF800, 0x7E0, 0x1F)),
    (16, (0x7C00, 0x3E0, 0x1F)),
    (32, (0xFF0000, 0xFF00, 0xFF)),
    (32, (0xFF000000, 0xFF0000, 0xFF00)),
):
    text = " ".join(f"{m:x}" for m in masks)
    add(f"{bits} bits, masks {text}", bmp(5, 3, bits, rows(5, 3, bits), 3, masks=masks))
    add(f"{bits} bits, masks {text} in the header", bmp(5, 3, bits, rows(5, 3, bits), 3, 108, (*masks, 0)))
for masks in ((0xFF0000, 0xFF00, 0xFF, 0xFF000000), (0xFF, 0xFF00, 0xFF0000, 0xFF000000)):
    text = " ".join(f"{m:x}" for m in masks)
    for size in (56, 108, 124):
        add(f"alpha, masks {text}, header of {size}", bmp(5, 3, 32, rows(5, 3, 32), 3, size, masks))
add("header of 64", bmp(5, 3, 24, rows(5, 3, 24), size=64))
add("header of 52", bmp(5, 3, 32, rows(5, 3, 32), 3, 52, (0xFF0000, 0xFF00, 0xFF)))
# Runs.
rle8 = bytes([3, 7, 2, 9, 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 5, 200, 0, 0, 0, 1])
add("RLE8", bmp(5, 3, 8, rle8, 1, palette=palette(256)))
add("RLE8, rows that end early", bmp(5, 2, 8, bytes([2, 7, 0, 0, 3, 9, 0, 0, 0, 1]), 1, palette=palette(256)))
add("RLE8, a run beyond its row", bmp(5, 2, 8, bytes([9, 7, 0, 0, 5, 9, 0, 0, 0, 1]), 1, palette=palette(256)))
rle4 = bytes([5, 0x12, 0, 0, 0, 4, 0x34, 0x56, 1, 0x70, 0, 0, 3, 0xA0, 2, 0xBC, 0, 0, 0, 1])
add("RLE4", bmp(5, 3, 4, rle4, 2, palette=palette(16)))
# What Pillow writes itself.
for mode, channels in (("RGB", 3), ("L", 1), ("P", 1), ("RGBA", 4)):
    image = Image.frombytes(mode, (6, 4), noise(24 * channels))
    if mode == "P":
        image.putpalette(noise(768))
    file = io.BytesIO()
    image.save(file, "BMP")
    add(f"by Pillow, {mode}", file.getvalue())

# Anymaps.
def words(n, most):
    return b" ".join(str(draw.randrange(most + 1)).encode() for _ in range(n))


add("P1", b"P1\n# bits\n5 3\n10110\n0 1 0 1 0\n1#one\n1 1 0 0\n")
add("P4", b"P4 11 3\n" + noise(6))
for most in (255, 1, 2, 3, 6, 100, 254):
    add(f"P2, {most}", b"P2\n5 3\n%d\n" % most + words(15, most) + b"\n")
    add(f"P3, {most}", b"P3\n5 3\n%d\n" % most + words(45, most))
    add(f"P5, {most}", b"P5\n5 3\n%d\n" % most + bytes(draw.randrange(most + 1) for _ in range(15)))
    add(f"P6, {most}", b"P6\n5 3\n%d\n" % most + bytes(draw.randrange(most + 1) for _ in range(45)))
add("P5, values beyond 100", b"P5 4 1 100\n" + bytes([0, 100, 101, 255]))
add("P6, values beyond 100", b"P6 1 1 100\n" + bytes([100, 101, 255]))
for most in (256, 1000, 65535):
    wide = b"".join(struct.pack(">H", draw.randrange(most + 1)) for _ in range(45))
    add(f"P6, {most}", b"P6\n5 3\n%d\n" % most + wide)
    add(f"P3, {most}", b"P3\n5 3\n%d\n" % most + words(45, most))
wide = b"".join(struct.pack(">H", v) for v in (0, 1, 128, 129, 256, 257, 32767, 32768, 65534, 65535))
add("P5, 65535", b"P5\n5 2\n65535\n" + wide)
add("P2, 65535", b"P2\n5 2\n65535\n0 1 128 129 256 257 32767 32768 65534 65535\n")
add("comments and odd whitespace", b"P6\n#c\r\n# more\n 2\t1 \r255\n" + noise(6))
add("two images, of which the first counts", b"P5 2 1 255\n" + noise(2) + b"P5 9 9 255\n" + noise(81))

out = pathlib.Path(__file__).with_name("bitmaps.json")
out.write_text(json.dumps(cases, indent=0) + "\n")
print(len(cases), "cases", out.stat().st_size, "bytes")
