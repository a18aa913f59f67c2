"""Small test images, made from seeds: textures with a natural spectrum, edges, gradients, extremes."""

import numpy as np

SIZES = [(24, 31), (31, 24), (17, 17), (28, 20), (16, 33), (21, 21), (32, 24)]


def spectrum(rng, h, w, power):
    """Noise whose amplitude falls with frequency as 1/f**power: what photographs look like."""
    fy, fx = np.fft.fftfreq(h)[:, None], np.fft.fftfreq(w)[None, :]
    f = np.maximum(np.hypot(fy, fx), 1 / max(h, w))
    noise = np.fft.ifft2(np.fft.fft2(rng.standard_normal((h, w))) / f**power).real
    return (noise - noise.mean()) / noise.std()


def texture(rng, h, w, power, contrast):
    shared = spectrum(rng, h, w, power)
    own = [spectrum(rng, h, w, power) for _ in range(3)]
    base = rng.uniform(70, 180, 3)
    return np.stack([base[c] + contrast * (0.8 * shared + 0.6 * own[c]) for c in range(3)], -1)


def disc(rng, h, w):
    """A bright object with a soft edge on a gradient."""
    y, x = np.mgrid[0:h, 0:w]
    r = np.hypot(y - h * rng.uniform(0.3, 0.7), x - w * rng.uniform(0.3, 0.7))
    inside = np.clip(min(h, w) * 0.3 - r, 0, 1)[..., None]
    ground = np.linspace(30, 200, w)[None, :, None] * rng.uniform(0.3, 1, 3)
    return ground * (1 - inside) + rng.uniform(0, 255, 3) * inside


def checker(rng, h, w, side):
    y, x = np.mgrid[0:h, 0:w]
    on = ((y // side + x // side) % 2)[..., None]
    return on * rng.uniform(0, 255, 3) + (1 - on) * rng.uniform(0, 255, 3)


def images():
    """[(name, uint8 [H, W, 3])], 22 of them."""
    made = []
    for i in range(22):
        rng = np.random.default_rng(1000 + i)
        h, w = SIZES[i % len(SIZES)]
        if i < 12:
            name, pixels = f"texture{i}", texture(rng, h, w, 1.2 + 0.1 * (i % 6), 25 + 5 * (i % 5))
        elif i < 15:
            name, pixels = f"disc{i}", disc(rng, h, w)
        elif i < 17:
            name, pixels = f"checker{i}", checker(rng, h, w, 3 + 2 * (i - 15))
        elif i == 17:
            name, pixels = "noise", rng.uniform(0, 256, (h, w, 3))
        elif i == 18:
            name, pixels = "dark", texture(rng, h, w, 1.5, 12) * 0.15
        elif i == 19:
            name, pixels = "bright", 255 - texture(rng, h, w, 1.5, 12) * 0.15
        elif i == 20:
            name, pixels = "gray", np.repeat(texture(rng, h, w, 1.5, 40)[..., :1], 3, -1)
        else:
            name, pixels = "extremes", np.where(texture(rng, h, w, 1.6, 60) > 128, 255, 0)
        made.append((name, np.clip(pixels, 0, 255).astype(np.uint8)))
    return made
