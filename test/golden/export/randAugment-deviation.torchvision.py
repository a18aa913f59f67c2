# randAugment-deviation, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


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


class Policy(Drawn):
    """Operations by name at a level in [0, 1]. Signed ones go either way."""

    signed = {"ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"}
    signed |= {"Brightness", "Color", "Contrast", "Sharpness"}

    def __init__(self, operations, reach, interpolation=v2.InterpolationMode.NEAREST, fill=0):
        super().__init__()
        self.operations, self.reach = operations, reach
        self.interpolation, self.fill = interpolation, fill

    def choice(self):
        return self.operations[randint(0, len(self.operations) - 1)]

    def drawn(self, name, level):
        return name, -level if name in self.signed and torch.rand(()) < 0.5 else level

    def affine(self, image, translate=(0, 0), shear=(0.0, 0.0), center=None):
        return F.affine(
            image,
            angle=0.0,
            translate=list(translate),
            scale=1.0,
            shear=list(shear),
            center=center,
            interpolation=self.interpolation,
            fill=self.fill,
        )

    def change(self, image, chain):
        for name, level in chain:
            image = self.operate(image, name, level)
        return image

    def operate(self, image, name, level):
        reach = self.reach
        height, width = F.get_size(image) if reach["unit"] == "share" else (1, 1)
        slant = math.degrees(math.atan(reach["shear"] * level))
        shift = reach["translate"] * level
        factor = 1 + reach["enhance"] * level
        if name == "ShearX":
            return self.affine(image, shear=(slant, 0.0), center=[0, 0])
        if name == "ShearY":
            return self.affine(image, shear=(0.0, slant), center=[0, 0])
        if name == "TranslateX":
            return self.affine(image, translate=(whole(shift * width), 0))
        if name == "TranslateY":
            return self.affine(image, translate=(0, whole(shift * height)))
        if name == "Rotate":
            look = dict(interpolation=self.interpolation, fill=self.fill)
            return F.rotate(image, reach["rotate"] * level, **look)
        if name == "Brightness":
            return F.adjust_brightness(image, factor)
        if name == "Color":
            return F.adjust_saturation(image, factor)
        if name == "Contrast":
            return F.adjust_contrast(image, factor)
        if name == "Sharpness":
            return F.adjust_sharpness(image, factor)
        if name == "Posterize":
            fewer = math.floor(reach["posterize"] * level + 0.5)
            return F.posterize(image, max(1, reach["bits"] - fewer))
        if name == "Solarize":
            return F.solarize(image, 255 * (1 - level))
        if name == "SolarizeAdd":
            more = (image.int() + int(110 * level)).clamp(max=255).to(image.dtype)
            return torch.where(image < 128, more, image)
        if name == "AutoContrast":
            return F.autocontrast(image)
        if name == "Equalize":
            return F.equalize(image)
        return F.invert(image) if name == "Invert" else image


class RandAugment(Policy):
    """num_ops operations in a row, of one magnitude or of magnitudes around it, out of a number of bins."""

    def __init__(self, num_ops, magnitude, bins, deviation, **more):
        super().__init__(**more)
        self.num_ops, self.magnitude = num_ops, magnitude
        self.bins, self.deviation = bins, deviation

    def draw(self, height, width):
        chain = []
        for _ in range(self.num_ops):
            at = self.magnitude + self.deviation * torch.randn(()).item()
            chain.append(self.drawn(self.choice(), min(1.0, max(0.0, at / (self.bins - 1)))))
        return dict(chain=chain)


transform = v2.Compose([
    v2.ToImage(),
    RandAugment(
        num_ops=3,
        magnitude=27,
        bins=31,
        deviation=1.5,
        operations=[
            "Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness",
            "Color", "Contrast", "Sharpness", "Posterize", "Solarize", "AutoContrast", "Equalize",
        ],
        reach={
            "shear": 0.3,
            "translate": 150 / 331,
            "unit": "share",
            "rotate": 30,
            "enhance": 0.9,
            "bits": 8,
            "posterize": 4,
        },
    ),
])
