"""Files in many colors, depths and layouts, and what Pillow makes of them.

    python generate.py      (needs pillow, numpy, tifffile, imagecodecs; writes colors.json)

Every entry holds the encoded file, the mode and the pixels that Pillow gives (upright, on black where there is alpha,
as RGB), or why Pillow refuses it. `truth` holds the pixels that the file stands for, where Pillow gives others.
"""

import base64
import io
import json
import platform
import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import PIL
import tifffile
from PIL import Image, ImageCms, ImageOps

W, H = 24, 16
Y, X = np.mgrid[0:H, 0:W]
RGB = np.stack([255 * X / (W - 1), 255 * Y / (H - 1), 127 + 120 * np.sin((X + 2 * Y) / 5)], -1).round().astype(np.uint8)
ALPHA = (X * 255 / (W - 1)).round().astype(np.uint8)
PICTURE = Image.fromarray(RGB)
GRAY = np.asarray(PICTURE.convert("L"))
RGBA = np.dstack([RGB, ALPHA])
GRAY16 = (X * 65535 // (W - 1)).astype(np.uint16)
CMYK = np.asarray(PICTURE.convert("CMYK"))
YCC = np.asarray(PICTURE.convert("YCbCr"))
NEGATIVE = ImageOps.invert(PICTURE)

FILES: dict[str, bytes] = {}
TRUTH: dict[str, np.ndarray] = {}


def put(name: str, data: bytes, truth: np.ndarray | None = None) -> None:
    FILES[name] = bytes(data)
    if truth is not None:
        TRUTH[name] = truth


def saved(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x112] = orientation
    return tags


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


# --- color profiles ---------------------------------------------------------------------------------------------------


def matrix_profile(name: str, columns: list[list[float]], gamma: float) -> bytes:
    """A matrix profile (ICC.1:2001) of this name; columns are red, green, blue in XYZ under D50."""
    fixed = lambda values: b"".join(struct.pack(">i", round(v * 65536)) for v in values)
    xyz = lambda values: b"XYZ \0\0\0\0" + fixed(values)
    text = name.encode() + b"\0"
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78),
        b"wtpt": xyz([0.9642, 1, 0.8249]),
        **{b"rgb"[i : i + 1] + b"XYZ": xyz(columns[i]) for i in range(3)},
        **{b"rgb"[i : i + 1] + b"TRC": curve for i in range(3)},
    }
    directory, body, at = b"", b"", 132 + 12 * len(tags)
    for tag, data in tags.items():
        data += bytes(-len(data) % 4)
        directory += tag + struct.pack(">II", at + len(body), len(data))
        body += data
    size = at + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ").ljust(36, b"\0")
    head += b"acsp" + bytes(28) + fixed([0.9642, 1, 0.8249])
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + directory + body


SRGB_COLUMNS = [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.7141]]
P3_COLUMNS = [[0.51512, 0.2412, -0.00105], [0.29198, 0.69225, 0.04189], [0.1571, 0.06657, 0.78407]]
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
PROFILES = {
    "srgb": SRGB.tobytes(),
    "p3": matrix_profile("Display P3 Gamut with sRGB Transfer", P3_COLUMNS, 2.2),
    "linear": matrix_profile("Linear sRGB", SRGB_COLUMNS, 1),
}


def converted(image: Image.Image, profile: bytes) -> np.ndarray:
    """Through LittleCMS to sRGB, relative colorimetric."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return np.asarray(ImageCms.profileToProfile(image, source, SRGB, renderingIntent=1))


# --- JPEG -------------------------------------------------------------------------------------------------------------


def without(jpeg: bytes, marker: int) -> bytes:
    at = 2
    while jpeg[at + 1] != 0xDA:
        length = struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        if jpeg[at + 1] == marker:
            jpeg = jpeg[:at] + jpeg[at + 2 + length :]
        else:
            at += 2 + length
    return jpeg


def jpegs() -> None:
    encode = imagecodecs.jpeg8_encode
    for quality in (75, 90, 95, 96, 97, 100):
        put(f"jpeg/444-q{quality}", saved(PICTURE, "JPEG", quality=quality, subsampling=0))
    put("jpeg/420-q95", saved(PICTURE, "JPEG", quality=95, subsampling=2))
    put("jpeg/422-q95", saved(PICTURE, "JPEG", quality=95, subsampling=1))
    put("jpeg/440", encode(RGB, level=95, subsampling="440"))
    put("jpeg/411", encode(RGB, level=95, subsampling="411"))
    put("jpeg/progressive", saved(PICTURE, "JPEG", quality=90, progressive=True))
    put("jpeg/gray", saved(Image.fromarray(GRAY), "JPEG", quality=90))
    put("jpeg/cmyk", saved(PICTURE.convert("CMYK"), "JPEG", quality=95))
    put("jpeg/ycck", encode(255 - CMYK, level=95, colorspace="CMYK", outcolorspace="YCCK", subsampling="444"))
    stored_rgb = encode(RGB, level=90, colorspace="RGB", outcolorspace="RGB")
    put("jpeg/rgb-adobe", stored_rgb)
    put("jpeg/rgb-by-ids", without(stored_rgb, 0xEE))
    put("jpeg/no-jfif", without(FILES["jpeg/444-q90"], 0xE0))
    put("jpeg/lossless", encode(RGB, lossless=True))
    put("jpeg/12-bit", encode(RGB.astype(np.uint16) * 16, level=95, bitspersample=12))
    put("jpeg/exif-6", saved(PICTURE, "JPEG", quality=90, exif=exif(6)))
    put("jpeg/xmp-6", saved(PICTURE, "JPEG", quality=90, xmp=XMP), np.asarray(PICTURE))
    put("jpeg/exif-1-xmp-6", saved(PICTURE, "JPEG", quality=90, xmp=XMP, exif=exif(1)))
    put("jpeg/mpo", saved(PICTURE, "MPO", quality=90, save_all=True, append_images=[NEGATIVE]))
    for name, profile in PROFILES.items():
        data = saved(PICTURE, "JPEG", quality=90, subsampling=0, icc_profile=profile)
        put(f"jpeg/icc-{name}", data, converted(Image.open(io.BytesIO(data)), profile))


# --- PNG --------------------------------------------------------------------------------------------------------------


def png(width: int, height: int, depth: int, kind: int, rows: list[bytes], *chunks: tuple[bytes, bytes]) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunk(*c) for c in chunks) + pixels + chunk(b"IEND", b"")


def rows(pixels: np.ndarray, wide: bool = False) -> list[bytes]:
    return [(row.astype(np.uint32) * 257).astype(">u2").tobytes() if wide else row.tobytes() for row in pixels]


def packed(values: np.ndarray, depth: int) -> list[bytes]:
    bits = ((values[..., None] >> np.arange(depth - 1, -1, -1)) & 1).reshape(H, -1).astype(np.uint8)
    return [np.packbits(row).tobytes() for row in bits]


def gray_rgb(gray: np.ndarray) -> np.ndarray:
    return np.repeat(gray[..., None].astype(np.uint8), 3, -1)


def pngs() -> None:
    plain = lambda *chunks: png(W, H, 8, 2, rows(RGB), *chunks)
    put("png/rgb", plain())
    for depth in (1, 2, 4, 8):
        put(f"png/gray-{depth}", png(W, H, depth, 0, packed(GRAY >> (8 - depth), depth)))
    put("png/gray-16", png(W, H, 16, 0, [r.astype(">u2").tobytes() for r in GRAY16]), gray_rgb(GRAY16 >> 8))
    put("png/rgb-16", png(W, H, 16, 2, rows(RGB, True)))
    put("png/rgba", png(W, H, 8, 6, rows(RGBA)))
    put("png/rgba-16", png(W, H, 16, 6, rows(RGBA, True)))
    put("png/gray-alpha", png(W, H, 8, 4, rows(np.dstack([GRAY, ALPHA]))))
    put("png/gray-alpha-16", png(W, H, 16, 4, rows(np.dstack([GRAY, ALPHA]), True)))
    for depth in (1, 2, 4, 8):
        n = 1 << depth
        palette = np.stack([np.linspace(0, 255, n), np.linspace(255, 0, n), np.arange(n) * 37 % 256], -1)
        index = packed((X + Y) % n, depth)
        colors = (b"PLTE", palette.astype(np.uint8).tobytes())
        put(f"png/palette-{depth}", png(W, H, depth, 3, index, colors))
        alphas = (b"tRNS", bytes(255 - i * 255 // (n - 1) for i in range(n)))
        put(f"png/palette-{depth}-transparent", png(W, H, depth, 3, index, colors, alphas))
    put("png/gray-transparent", png(W, H, 8, 0, rows(GRAY), (b"tRNS", struct.pack(">H", int(GRAY[3, 3])))))
    put("png/rgb-transparent", plain((b"tRNS", struct.pack(">HHH", *map(int, RGB[3, 3])))))
    put("png/gamma-1", plain((b"gAMA", struct.pack(">I", 100000))))
    chromaticities = struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)
    put("png/gamma-chromaticities", plain((b"gAMA", struct.pack(">I", 45455)), (b"cHRM", chromaticities)))
    put("png/srgb-chunk", plain((b"sRGB", b"\0")))
    put("png/cicp-pq", plain((b"cICP", bytes([9, 16, 0, 1]))))
    for name, profile in PROFILES.items():
        put(f"png/icc-{name}", plain((b"iCCP", b"p\0\0" + zlib.compress(profile))), converted(PICTURE, profile))
    put("png/exif-6", saved(PICTURE, "PNG", exif=exif(6)))
    put("png/xmp-6", plain((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)), RGB)
    put("png/animated", saved(PICTURE, "PNG", save_all=True, append_images=[NEGATIVE]))
    put("png/interlaced", imagecodecs.png_encode(RGB))


# --- TIFF -------------------------------------------------------------------------------------------------------------


def tiff(pixels: np.ndarray, **options) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, pixels, **options)
    return out.getvalue()


def pages(*given: tuple[np.ndarray, dict]) -> bytes:
    out = io.BytesIO()
    with tifffile.TiffWriter(out) as writer:
        for pixels, options in given:
            writer.write(pixels, photometric="rgb", **options)
    return out.getvalue()


def by_hand(tags: list[tuple[int, str, list]], data: bytes) -> bytes:
    """A TIFF of one strip with these tags: (number, struct letter or 'R' for fractions, values)."""
    sizes = {"B": (1, 1), "H": (3, 2), "I": (4, 4), "R": (5, 8)}
    tags = [*tags, (256, "I", [W]), (257, "I", [H]), (278, "I", [H]), (279, "I", [len(data)])]
    extra_at = 8 + 2 + 12 * (len(tags) + 1) + 4
    pack = lambda kind, v: struct.pack("<II", *v) if kind == "R" else struct.pack("<" + kind, v)
    raws = {number: b"".join(pack(kind, v) for v in values) for number, kind, values in tags}
    start = extra_at + sum(len(raw) for raw in raws.values() if len(raw) > 4)
    tags.append((273, "I", [start]))
    raws[273] = struct.pack("<I", start)
    directory, extra = b"", b""
    for number, kind, values in sorted(tags):
        raw = raws[number]
        place = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack("<I", extra_at + len(extra))
        extra += raw if len(raw) > 4 else b""
        directory += struct.pack("<HHI", number, sizes[kind][0], len(values)) + place
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + bytes(4) + extra + data


def header(bits: list[int], photometric: int, compression: int = 1, **more: list) -> list[tuple[int, str, list]]:
    numbers = {"subsampling": (530, "H"), "levels": (532, "R"), "coefficients": (529, "R"), "orientation": (274, "H")}
    tags = [(258, "H", bits), (262, "H", [photometric]), (277, "H", [len(bits)]), (259, "H", [compression])]
    return tags + [(*numbers[name], values) for name, values in more.items()]


def tiffs() -> None:
    for compression in (None, "lzw", "zlib", "packbits", "jpeg", "zstd", "lzma", "jpeg2000"):
        put(f"tiff/rgb-{compression or 'raw'}", tiff(RGB, photometric="rgb", compression=compression))
    put("tiff/rgb-predictor", tiff(RGB, photometric="rgb", compression="lzw", predictor=True))
    planes = np.ascontiguousarray(RGB.transpose(2, 0, 1))
    put("tiff/rgb-planar", tiff(planes, photometric="rgb", planarconfig="separate"))
    put("tiff/rgb-tiled", tiff(RGB, photometric="rgb", tile=(16, 16)))
    put("tiff/rgb-big", tiff(RGB, photometric="rgb", bigtiff=True))
    put("tiff/rgb-big-endian", tiff(RGB, photometric="rgb", byteorder=">"))
    put("tiff/rgb-16", tiff(RGB.astype(np.uint16) * 257, photometric="rgb"))
    put("tiff/gray", tiff(GRAY, photometric="minisblack"))
    put("tiff/gray-white-is-0", tiff(255 - GRAY, photometric="miniswhite"))
    put("tiff/gray-16", tiff(GRAY16, photometric="minisblack"), gray_rgb(GRAY16 >> 8))
    put("tiff/gray-16-white-is-0", tiff(65535 - GRAY16, photometric="miniswhite"), gray_rgb(GRAY16 >> 8))
    for depth in (2, 4):
        put(f"tiff/gray-{depth}", by_hand(header([depth], 1), b"".join(packed(GRAY >> (8 - depth), depth))))
    put("tiff/gray-12", by_hand(header([12], 1), b"".join(packed(GRAY16 >> 4, 12))))
    put("tiff/bilevel", tiff(GRAY > 127, photometric="minisblack"))
    put("tiff/bilevel-white-is-0", tiff(GRAY <= 127, photometric="miniswhite"))
    put("tiff/fax-4", saved(Image.fromarray(GRAY).convert("1"), "TIFF", compression="group4"))
    put("tiff/palette", saved(PICTURE.quantize(64), "TIFF"))
    put("tiff/cmyk", saved(PICTURE.convert("CMYK"), "TIFF"))
    put("tiff/int-8", tiff((GRAY.astype(int) - 128).astype(np.int8), photometric="minisblack"))
    put("tiff/int-16", tiff((GRAY16.astype(int) - 32768).astype(np.int16), photometric="minisblack"))
    put("tiff/uint-32", tiff(GRAY16.astype(np.uint32) * 65537, photometric="minisblack"))
    for bits in (16, 32, 64):
        put(f"tiff/float-{bits}", tiff((GRAY / 255).astype(f"f{bits // 8}"), photometric="minisblack"))
    put("tiff/float-32-rgb", tiff((RGB / 255).astype(np.float32), photometric="rgb"))
    put("tiff/complex", tiff((GRAY / 255).astype(np.complex64), photometric="minisblack"))
    put("tiff/rgba", tiff(RGBA, photometric="rgb", extrasamples=["unassalpha"]))
    premultiplied = np.dstack([(RGB * (ALPHA[..., None] / 255)).round().astype(np.uint8), ALPHA])
    put("tiff/rgba-premultiplied", tiff(premultiplied, photometric="rgb", extrasamples=["assocalpha"]))
    contiguous = {"planarconfig": "contig"}
    gray_alpha = np.dstack([GRAY, ALPHA])
    put("tiff/gray-alpha", tiff(gray_alpha, photometric="minisblack", extrasamples=["unassalpha"], **contiguous))
    put("tiff/rgb-and-unspecified", tiff(RGBA, photometric="rgb", extrasamples=["unspecified"]))
    put("tiff/rgb-and-undeclared", by_hand(header([8] * 4, 2), RGBA.tobytes()))
    five = np.dstack([RGBA, GRAY])
    put("tiff/five-channels", tiff(five, photometric="rgb", extrasamples=["unspecified", "unspecified"]))
    lab = ImageCms.profileToProfile(PICTURE, SRGB, ImageCms.createProfile("LAB"), outputMode="LAB")
    for photometric, name in ((8, "cielab"), (9, "icclab"), (10, "itulab")):
        put(f"tiff/{name}", by_hand(header([8] * 3, photometric), lab.tobytes()))
    put("tiff/two-pages", pages((RGB, {}), (255 - RGB[:8, :8], {})))
    put("tiff/thumbnail-first", pages((255 - RGB[:8, :8], {"subfiletype": 1}), (RGB, {})))
    put("tiff/orientation-6", by_hand(header([8] * 3, 2, orientation=[6]), RGB.tobytes()))
    put("tiff/xmp-6", tiff(RGB, photometric="rgb", extratags=[(700, 1, len(XMP), XMP, True)]), RGB)
    ycbcr_tiffs()


def ycbcr_tiffs() -> None:
    raw, lzw = YCC.tobytes(), imagecodecs.lzw_encode(YCC.tobytes())
    whole = {"subsampling": [1, 1]}
    put("tiff/ycbcr-raw", by_hand(header([8] * 3, 6, 1, **whole), raw))
    put("tiff/ycbcr-lzw", by_hand(header([8] * 3, 6, 5, **whole), lzw))
    put("tiff/ycbcr-deflate", tiff(YCC, photometric="ycbcr", compression="zlib", subsampling=(1, 1)))
    put("tiff/ycbcr-tiled", tiff(YCC, photometric="ycbcr", compression="lzw", tile=(16, 16), subsampling=(1, 1)))
    put("tiff/ycbcr-turned", by_hand(header([8] * 3, 6, 5, orientation=[6], **whole), lzw))
    video = [(16, 1), (235, 1), (128, 1), (240, 1), (128, 1), (240, 1)]
    put("tiff/ycbcr-video-levels", by_hand(header([8] * 3, 6, 5, levels=video, **whole), lzw))
    bt709 = [(2126, 10000), (7152, 10000), (722, 10000)]
    put("tiff/ycbcr-bt709", by_hand(header([8] * 3, 6, 5, coefficients=bt709, **whole), lzw))
    profiled = tiff(YCC, photometric="ycbcr", compression="lzw", subsampling=(1, 1), iccprofile=PROFILES["srgb"])
    put("tiff/ycbcr-icc", profiled)
    put("tiff/ycbcr-jpeg", tiff(RGB, photometric="ycbcr", compression="jpeg", subsampling=(2, 2)))
    units = bytearray()
    for y in range(0, H, 2):
        for x in range(0, W, 2):
            units += YCC[y : y + 2, x : x + 2, 0].tobytes() + YCC[y, x, 1:].tobytes()
    put("tiff/ycbcr-420-lzw", by_hand(header([8] * 3, 6, 5, subsampling=[2, 2]), imagecodecs.lzw_encode(bytes(units))))


# --- WebP, AVIF, GIF --------------------------------------------------------------------------------------------------


def others() -> None:
    transparent = Image.fromarray(RGBA)
    put("webp/lossless", saved(PICTURE, "WEBP", lossless=True))
    put("webp/lossy", saved(PICTURE, "WEBP", quality=90))
    put("webp/alpha", saved(transparent, "WEBP", lossless=True, exact=True))
    put("webp/animated", saved(PICTURE, "WEBP", lossless=True, save_all=True, append_images=[NEGATIVE]))
    put("webp/exif-6", saved(PICTURE, "WEBP", lossless=True, exif=exif(6)))
    put("webp/xmp-6", saved(PICTURE, "WEBP", lossless=True, xmp=XMP), RGB)
    put("avif/444", saved(PICTURE, "AVIF", quality=90, subsampling="4:4:4"))
    put("avif/420", saved(PICTURE, "AVIF", quality=90))
    put("avif/gray", imagecodecs.avif_encode(GRAY, level=90))
    put("avif/alpha", saved(transparent, "AVIF", quality=90, subsampling="4:4:4"))
    put("avif/10-bit", imagecodecs.avif_encode(RGB.astype(np.uint16) * 4, level=90, bitspersample=10, pixelformat="444"))
    put("avif/animated", saved(PICTURE, "AVIF", quality=90, subsampling="4:4:4", save_all=True, append_images=[NEGATIVE]))
    put("avif/exif-6", saved(PICTURE, "AVIF", quality=90, subsampling="4:4:4", exif=exif(6)))
    put("gif/still", saved(PICTURE.quantize(64), "GIF"))
    frames = {"save_all": True, "append_images": [NEGATIVE.quantize(64)]}
    put("gif/animated", saved(PICTURE.quantize(64), "GIF", **frames))


# --- what Pillow gives ------------------------------------------------------------------------------------------------


def by_pillow(data: bytes) -> dict:
    try:
        image = Image.open(io.BytesIO(data))
        mode = image.mode
        image.load()
    except Exception as error:  # noqa: BLE001
        return {"refused": type(error).__name__}
    upright = ImageOps.exif_transpose(image)
    if mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        black = Image.new("RGBA", upright.size, (0, 0, 0, 255))
        upright = Image.alpha_composite(black, upright.convert("RGBA"))
    return {"mode": mode, **kept(np.asarray(upright.convert("RGB")))}


def kept(pixels: np.ndarray) -> dict:
    return {
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "pixels": base64.b64encode(zlib.compress(np.ascontiguousarray(pixels).tobytes(), 9)).decode(),
    }


def main() -> None:
    for make in (jpegs, pngs, tiffs, others):
        make()
    files = [
        {
            "name": name,
            "file": base64.b64encode(data).decode(),
            "pillow": by_pillow(data),
            **({"truth": kept(TRUTH[name])} if name in TRUTH else {}),
        }
        for name, data in FILES.items()
    ]
    versions = {
        "python": platform.python_version(),
        "pillow": PIL.__version__,
        "tifffile": tifffile.__version__,
        "imagecodecs": imagecodecs.__version__,
    }
    lines = ",\n".join(json.dumps(one) for one in files)
    text = f'{{"versions": {json.dumps(versions)},\n"picture": {json.dumps(kept(RGB))},\n"files": [\n{lines}\n]}}\n'
    (Path(__file__).parent / "colors.json").write_text(text)
    print(len(files), "files")


main()
