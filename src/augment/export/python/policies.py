"""Policies that draw as rxaug's do where torchvision's classes would not."""

import math

import torch
from common import Drawn, randint, whole
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


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


class TrivialAugment(Policy):
    """One operation, its magnitude uniform over the bins."""

    def __init__(self, bins, **more):
        super().__init__(**more)
        self.bins = bins

    def draw(self, height, width):
        level = randint(0, self.bins - 1) / (self.bins - 1)
        return dict(chain=[self.drawn(self.choice(), level)])


class UniformAugment(Policy):
    """num_ops operations, each applied with a probability at a magnitude uniform in its range."""

    def __init__(self, num_ops, chance, **more):
        super().__init__(**more)
        self.num_ops, self.chance = num_ops, chance

    def draw(self, height, width):
        chosen = [self.choice() for _ in range(self.num_ops)]
        chain = [self.drawn(name, torch.rand(()).item()) for name in chosen]
        return dict(chain=[step for step in chain if torch.rand(()) < self.chance])


class AugMix(Policy):
    """Short chains of operations over one image, blended with each other and with the image."""

    def __init__(self, severity, width, depth, alpha, **more):
        super().__init__(**more)
        self.severity, self.width, self.depth, self.alpha = severity, width, depth, float(alpha)

    def draw(self, height, width):
        two, all_ = torch.full((2,), self.alpha), torch.full((self.width,), self.alpha)
        mixed = torch.distributions.Dirichlet(two).sample()[0].item()
        shares = torch.distributions.Dirichlet(all_).sample().tolist()
        chains = [
            [
                self.drawn(self.choice(), randint(0, self.severity - 1) / 9)
                for _ in range(randint(*self.depth))
            ]
            for _ in shares
        ]
        return dict(mixed=mixed, shares=shares, chains=chains)

    def change(self, image, mixed, shares, chains):
        blend = (1 - mixed) * image.float()
        for share, chain in zip(shares, chains):
            blend += mixed * share * super().change(image, chain).float()
        return blend.round().clamp(0, 255).to(image.dtype)
