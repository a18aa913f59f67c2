"""Moves that torchvision has no class for, out of its functional ones. Targets do not follow them."""

import math

import torch
from common import Drawn, pixels, randint, uniform, whole
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


class Transpose(Drawn):
    """Exchanges rows and columns."""

    def change(self, image):
        return image.transpose(-1, -2)


class QuarterTurn(Drawn):
    """Turns by a multiple of 90 degrees counter-clockwise."""

    def __init__(self, turns):
        super().__init__()
        self.turns = turns

    def draw(self, height, width):
        return dict(turns=self.turns[randint(0, len(self.turns) - 1)])

    def change(self, image, turns):
        return torch.rot90(image, turns, (-2, -1))


class PadCrop(Drawn):
    """Pads every side and crops back to the size it had, at a random place."""

    def __init__(self, padding=None, share=None, padding_mode="constant", fill=0):
        super().__init__()
        self.padding, self.share = padding, share
        self.padding_mode, self.fill = padding_mode, fill

    def draw(self, height, width):
        down, across = (pixels(self.padding, self.share, side) for side in (height, width))
        box = dict(top=randint(0, 2 * down), left=randint(0, 2 * across), height=height, width=width)
        return dict(padding=[across, down], box=box)

    def change(self, image, padding, box):
        padded = F.pad(image, padding, fill=self.fill, padding_mode=self.padding_mode)
        return F.crop(padded, **box)


class PadTo(Drawn):
    """Pads an image to at least a size, or to sides that a number divides."""

    def __init__(self, size=(1, 1), multiple_of=1, position="center", padding_mode="constant", fill=0):
        super().__init__()
        self.size, self.multiple_of, self.position = size, multiple_of, position
        self.padding_mode, self.fill = padding_mode, fill

    def draw(self, height, width):
        down, right = (
            max(least, -(-side // self.multiple_of) * self.multiple_of) - side
            for side, least in zip((height, width), self.size)
        )
        if self.position == "center":
            top, left = down // 2, right // 2
        elif self.position == "random":
            top, left = randint(0, down), randint(0, right)
        else:
            top, left = 0, 0
        return dict(padding=[left, top, right - left, down - top])

    def change(self, image, padding):
        return F.pad(image, padding, fill=self.fill, padding_mode=self.padding_mode)


class Rescale(Drawn):
    """Resizes both sides by one factor, rounded to pixels: drawn, or so that one side has a length."""

    def __init__(
        self,
        factor=None,
        shorter=None,
        longer=None,
        interpolation=v2.InterpolationMode.BILINEAR,
        antialias=True,
    ):
        super().__init__()
        self.factor, self.shorter, self.longer = factor, shorter, longer
        self.interpolation, self.antialias = interpolation, antialias

    def draw(self, height, width):
        if self.factor is not None:
            factor = uniform(*self.factor)
        elif self.shorter is not None:
            factor = self.shorter / min(height, width)
        else:
            factor = self.longer / max(height, width)
        return dict(size=[max(1, math.floor(side * factor + 0.5)) for side in (height, width)])

    def change(self, image, size):
        return F.resize(image, size, interpolation=self.interpolation, antialias=self.antialias)


class Shear(Drawn):
    """Slants along one axis: out(x, y) = in(x + slope * (y - center), y), or the same along y."""

    def __init__(self, axis, slope, center, interpolation=v2.InterpolationMode.NEAREST, fill=0):
        super().__init__()
        self.axis, self.slope, self.center = axis, slope, center
        self.interpolation, self.fill = interpolation, fill

    def draw(self, height, width):
        center = [self.center[0] * width, self.center[1] * height]
        angle = math.degrees(math.atan(uniform(*self.slope)))
        return dict(shear=[angle, 0.0] if self.axis == "x" else [0.0, angle], center=center)

    def change(self, image, **move):
        look = dict(interpolation=self.interpolation, fill=self.fill)
        return F.affine(image, angle=0.0, translate=[0, 0], scale=1.0, **move, **look)


class Translate(Drawn):
    """Shifts by whole pixels, drawn as pixels or as shares of width and height."""

    def __init__(self, x, y, unit="share", fill=0):
        super().__init__()
        self.x, self.y, self.unit, self.fill = x, y, unit, fill

    def draw(self, height, width):
        across, down = (width, height) if self.unit == "share" else (1, 1)
        return dict(translate=[whole(across * uniform(*self.x)), whole(down * uniform(*self.y))])

    def change(self, image, translate):
        return F.affine(image, angle=0.0, translate=translate, scale=1.0, shear=[0.0, 0.0], fill=self.fill)
