# choices, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.
# Schedules are read off at progress 1: randomApply.p = 0.6.

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


def uniform(low, high):
    return low + (high - low) * torch.rand(()).item()


def randint(low, high):
    """A whole number, both ends included."""
    return int(torch.randint(low, high + 1, ()))


def whole(value):
    """Cut towards zero; what falls short of a whole number by a rounding error is that number."""
    return int(value + math.copysign(1e-9, value))


class Drawn(v2.Transform):
    """Draws numbers, then changes the image by them. Boxes, masks and keypoints are refused."""

    _transformed_types = (tv_tensors.Image,)

    def check_inputs(self, flat_inputs):
        others = (tv_tensors.BoundingBoxes, tv_tensors.Mask, tv_tensors.KeyPoints)
        if any(isinstance(given, others) for given in flat_inputs):
            raise TypeError(f"{type(self).__name__} changes images alone")

    def draw(self, height, width):
        return {}

    def make_params(self, flat_inputs):
        return self.draw(*F.get_size(flat_inputs[0]))

    def transform(self, image, params):
        changed = self.change(image.as_subclass(torch.Tensor), **params)
        return tv_tensors.wrap(changed, like=image)


class SomeOf(v2.Transform):
    """n different ones of the transforms, in random order."""

    def __init__(self, n, transforms):
        super().__init__()
        self.n, self.transforms = n, transforms

    def forward(self, *inputs):
        for i in torch.randperm(len(self.transforms))[: self.n]:
            outputs = self.transforms[i](*inputs)
            inputs = outputs if len(inputs) > 1 else (outputs,)
        return inputs if len(inputs) > 1 else inputs[0]


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


class Posterize(Drawn):
    def __init__(self, bits):
        super().__init__()
        self.bits = bits

    def draw(self, height, width):
        return dict(bits=randint(*self.bits))

    def change(self, image, bits):
        return F.posterize(image, bits)


class Solarize(Drawn):
    """Inverts every value from a threshold on; one above 255 inverts nothing."""

    def __init__(self, threshold):
        super().__init__()
        self.threshold = threshold

    def draw(self, height, width):
        return dict(threshold=uniform(*self.threshold))

    def change(self, image, threshold):
        return F.solarize(image, threshold) if threshold <= 255 else image


transform = v2.Compose([
    v2.ToImage(),
    v2.RandomChoice(
        [
            v2.RandomHorizontalFlip(p=0.25),
            v2.RandomApply(
                [
                    v2.RandomInvert(p=1),
                    v2.RandomRotation([-25, -5], interpolation=v2.InterpolationMode.BILINEAR),
                ],
                p=0.5,
            ),
            v2.RandomChoice(
                [
                    v2.RandomApply([Posterize(bits=[2, 4])], p=0.8),
                    v2.RandomApply([Solarize(threshold=[64, 128])], p=0.9),
                ],
            ),
        ],
    ),
    SomeOf(
        2,
        [
            v2.ColorJitter(brightness=[0.5, 0.9]),
            v2.RandomGrayscale(p=0.5),
            v2.RandomVerticalFlip(p=0.4),
        ],
    ),
    v2.RandomApply([Translate(x=[0.1, 0.3], y=[0, 0], unit="share")], p=0.6),
])
