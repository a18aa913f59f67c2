"""Draws of moves that both libraries have: each gives albumentations' transform and the draws of ours that stand for it.

`drawn(rng, w, h)` returns (transform, name, draw, placed, size): `placed` is the draw that repeats what albumentations
makes of the same parameters where it rounds them in another way (else None), `size` the image's size after it.
"""

import math

import albumentations as A
import cv2
import numpy as np

NEAREST = cv2.INTER_NEAREST
EXACT = cv2.INTER_NEAREST_EXACT
# Sides of images stay within these, so that masks are neither all edge nor large.
LEAST, MOST = 48, 176


def op(name, **params):
    return {"op": name, "params": params}


def given(transform, **params):
    """A transform whose random draw is replaced by these parameters."""
    transform.get_params = dict
    transform.get_params_dependent_on_data = lambda params=None, data=None, _given=params: dict(_given)
    return transform


def window(w, h, size, x0, y0):
    """A crop at a fixed place: our draw holds the place as a share of the room."""
    share = lambda at, room: round((at + 0.5) / (room + 1), 5)  # noqa: E731
    return op("randomCrop", size=[size[1], size[0]], padding=0, x=share(x0, w - size[0]), y=share(y0, h - size[1]))


def whole(x):
    """Python rounds halves to even, ours up."""
    return math.floor(x + 0.5)


def flip(rng, w, h):
    return A.HorizontalFlip(p=1), op("horizontalFlip"), None, (w, h)


def vertical_flip(rng, w, h):
    return A.VerticalFlip(p=1), op("verticalFlip"), None, (w, h)


def transpose(rng, w, h):
    return A.Transpose(p=1), op("transpose"), None, (h, w)


def quarter_turn(rng, w, h):
    turns = int(rng.integers(1, 4))
    size = (w, h) if turns == 2 else (h, w)
    return given(A.RandomRotate90(p=1), factor=turns), op("randomRotate90", turns=turns), None, size


def side(rng, least, most):
    return int(rng.integers(max(LEAST, round(least)), max(LEAST, round(most)) + 1))


def center_crop(rng, w, h):
    width, height = side(rng, 0.5 * w, w - 1), side(rng, 0.5 * h, h - 1)
    if width > w or height > h:
        return None
    ours = op("centerCrop", size=[height, width])
    x, y = (w - width) // 2, (h - height) // 2
    # Half of an odd room is rounded to even by ours (as torchvision does), down by albumentations.
    odd = lambda room: room % 2 == 1 and (room // 2) % 2 == 1  # noqa: E731
    placed = window(w, h, (width, height), x, y) if odd(w - width) or odd(h - height) else None
    return A.CenterCrop(height, width, p=1), ours, placed, (width, height)


def crop(rng, w, h):
    width, height = side(rng, 0.5 * w, w - 1), side(rng, 0.5 * h, h - 1)
    if width > w or height > h:
        return None
    x, y = int(rng.integers(w - width + 1)), int(rng.integers(h - height + 1))
    return A.Crop(x, y, x + width, y + height, p=1), window(w, h, (width, height), x, y), None, (width, height)


def pad_if_needed(rng, w, h):
    width, height = side(rng, 0.9 * w, min(MOST, 1.4 * w)), side(rng, 0.9 * h, min(MOST, 1.4 * h))
    place, at = [("center", "center"), ("top_left", [0, 0]), ("bottom_right", [1, 1])][int(rng.integers(3))]
    transform = A.PadIfNeeded(height, width, position=place, border_mode=cv2.BORDER_CONSTANT, p=1)
    return transform, op("padTo", to=[height, width], at=at), None, (max(w, width), max(h, height))


def pad(rng, w, h):
    left, top, right, bottom = (int(v) for v in rng.integers(1, 30, 4))
    width, height = w + left + right, h + top + bottom
    share = lambda first, second: round((first + 0.5) / (first + second + 1), 5)  # noqa: E731
    ours = op("padTo", to=[height, width], at=[share(left, right), share(top, bottom)])
    transform = A.Pad((left, top, right, bottom), border_mode=cv2.BORDER_CONSTANT, p=1)
    return transform, ours, None, (width, height)


def resized(w, h):
    return op("resize", size=[h, w])


def resize(rng, w, h):
    width, height = side(rng, 0.6 * w, min(MOST, 1.7 * w)), side(rng, 0.6 * h, min(MOST, 1.7 * h))
    return A.Resize(height, width, mask_interpolation=EXACT, p=1), resized(width, height), None, (width, height)


def by_side(pick, make, name):
    def drawn(rng, w, h):
        size = side(rng, 0.6 * pick(w, h), min(MOST, 1.6 * pick(w, h)))
        factor = size / pick(w, h)
        to = (round(w * factor), round(h * factor))
        placed = resized(*to) if to != (whole(w * factor), whole(h * factor)) else None
        return make(max_size=size, mask_interpolation=EXACT, p=1), op(name, size=size), placed, to

    return drawn


def random_scale(rng, w, h):
    factor = round(float(rng.uniform(0.6, 1.6)), 3)
    transform = A.RandomScale((factor - 1, factor - 1), mask_interpolation=EXACT, p=1)
    factor = transform.scale_limit[0] + 1.0
    to = (int(w * factor), int(h * factor))
    ours = op("randomScale", factor=factor)
    placed = resized(*to) if to != (whole(w * factor), whole(h * factor)) else None
    return transform, ours, placed, to


def resized_crop(rng, w, h):
    width, height = side(rng, 0.5 * w, w), side(rng, 0.5 * h, h)
    if width > w or height > h:
        return None
    x, y = int(rng.integers(w - width + 1)), int(rng.integers(h - height + 1))
    to = (side(rng, 0.7 * width, min(MOST, 1.6 * width)), side(rng, 0.7 * height, min(MOST, 1.6 * height)))
    transform = A.RandomResizedCrop(size=(to[1], to[0]), mask_interpolation=EXACT, p=1)
    transform = given(transform, crop_coords=(x, y, x + width, y + height))
    at = window(w, h, (width, height), x, y)["params"]
    ratio = width / height
    tries = [[width * height / (w * h), ratio]]
    ours = op("randomResizedCrop", size=[to[1], to[0]], ratios=[ratio, ratio], tries=tries, x=at["x"], y=at["y"])
    return transform, ours, None, to


def angle_of(rng, most=180):
    return round(float(rng.uniform(5, most)) * (1 if rng.random() < 0.5 else -1), 2)


def rotate(rng, w, h):
    angle = angle_of(rng)
    transform = A.Rotate((angle, angle), border_mode=cv2.BORDER_CONSTANT, p=1)
    return transform, op("rotate", angle=-angle), None, (w, h)


def affine(rng, w, h):
    angle = angle_of(rng, 60)
    scale = round(float(rng.uniform(0.7, 1.4)), 3)
    x, y = (int(v) for v in rng.integers(-20, 21, 2))
    transform = A.Affine(
        rotate=(angle, angle), scale=(scale, scale), translate_px={"x": (x, x), "y": (y, y)}, shear=(0, 0),
        keep_ratio=True, border_mode=cv2.BORDER_CONSTANT, p=1,
    )
    return transform, op("affine", angle=-angle, scale=scale, translate=[x / w, y / h], shear=[0, 0]), None, (w, h)


def translate(rng, w, h):
    x, y = (int(v) for v in rng.integers(-40, 41, 2))
    transform = A.Affine(translate_px={"x": (x, x), "y": (y, y)}, border_mode=cv2.BORDER_CONSTANT, p=1)
    return transform, op("translate", unit="pixels", x=x, y=y), None, (w, h)


def shear(rng, w, h):
    degrees = angle_of(rng, 30)
    along = "xy"[int(rng.integers(2))]
    degrees_of = {"x": (0, 0), "y": (0, 0), along: (degrees, degrees)}
    slope = math.tan(math.radians(degrees))
    transform = A.Affine(shear=degrees_of, border_mode=cv2.BORDER_CONSTANT, p=1)
    return transform, op("shear", **{"x": 0, "y": 0, along: slope}), None, (w, h)


def shift_scale_rotate(rng, w, h):
    dx, dy = (round(float(v), 3) for v in rng.uniform(-0.15, 0.15, 2))
    scale, angle = round(float(rng.uniform(0.75, 1.3)), 3), angle_of(rng, 60)
    transform = A.ShiftScaleRotate(
        shift_limit_x=(dx, dx), shift_limit_y=(dy, dy), scale_limit=(scale - 1, scale - 1),
        rotate_limit=(angle, angle), border_mode=cv2.BORDER_CONSTANT, p=1,
    )
    scale = transform.scale["x"][0]
    ours = op("shiftScaleRotate", shift=[dx, dy], scale=scale, angle=-angle)
    # Albumentations shifts by whole pixels.
    placed = op("shiftScaleRotate", shift=[int(dx * w) / w, int(dy * h) / h], scale=scale, angle=-angle)
    return transform, ours, placed, (w, h)


def perspective(rng, w, h):
    inwards = rng.uniform(-0.05, 0.25, (4, 2))
    corners = np.abs(np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) - inwards).round(4)
    frame = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    moved = corners * [w, h]
    # Of the centers of pixels, which OpenCV counts from 0 and ours from ½.
    matrix = cv2.getPerspectiveTransform(frame - 0.5, (moved - 0.5).astype(np.float32))
    transform = given(
        A.Perspective(keep_size=True, border_mode=cv2.BORDER_CONSTANT, p=1),
        matrix=matrix, matrix_bbox=matrix, max_width=w, max_height=h,
    )
    return transform, op("perspective", corners=corners.tolist()), None, (w, h)


def optical_distortion(rng, w, h):
    k = round(float(rng.uniform(0.02, 0.3)) * (1 if rng.random() < 0.6 else -0.7), 3)
    y, x = np.mgrid[:h, :w] + 0.5
    dx, dy = x - w / 2, y - h / 2
    factor = 1 + k * (dx * dx + dy * dy) / (w * w / 4 + h * h / 4)
    map_x, map_y = (w / 2 + dx * factor - 0.5).astype(np.float32), (h / 2 + dy * factor - 0.5).astype(np.float32)
    transform = given(A.OpticalDistortion(border_mode=cv2.BORDER_CONSTANT, p=1), map_x=map_x, map_y=map_y)
    return transform, op("opticalDistortion", k=k), None, (w, h)


DRAWS = {
    "HorizontalFlip": flip,
    "VerticalFlip": vertical_flip,
    "Transpose": transpose,
    "RandomRotate90": quarter_turn,
    "CenterCrop": center_crop,
    "Crop": crop,
    "PadIfNeeded": pad_if_needed,
    "Pad": pad,
    "Resize": resize,
    "LongestMaxSize": by_side(max, A.LongestMaxSize, "longestMaxSize"),
    "SmallestMaxSize": by_side(min, A.SmallestMaxSize, "smallestMaxSize"),
    "RandomScale": random_scale,
    "RandomResizedCrop": resized_crop,
    "Rotate": rotate,
    "Affine": affine,
    "Affine translate_px": translate,
    "Affine shear": shear,
    "ShiftScaleRotate": shift_scale_rotate,
    "Perspective": perspective,
    "OpticalDistortion": optical_distortion,
}
