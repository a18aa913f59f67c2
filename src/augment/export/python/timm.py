"""timm's policies, with its own operations, scales and probabilities."""

import math

import torch
from common import Drawn, randint, uniform
from torchvision.transforms.v2 import functional as F


class TimmPolicy(Drawn):
    """timm's operations by name, each with its own scale of magnitudes out of 10."""

    def __init__(self, deviation, max, translate, interpolation, fill):
        super().__init__()
        self.deviation, self.max, self.translate = deviation, max, translate
        self.interpolation, self.fill = interpolation, fill

    def applied(self, name, p, magnitude):
        """With probability p the operation and its argument."""
        if torch.rand(()) >= p:
            return []
        if self.deviation == "uniform":
            magnitude = uniform(0, magnitude)
        elif self.deviation > 0:
            magnitude += self.deviation * torch.randn(()).item()
        return [(name, self.argument(name, max(0.0, min(magnitude, self.max)) / 10))]

    def argument(self, name, level):
        either = -level if torch.rand(()) < 0.5 else level
        four_bits, threshold = int(level * 4), min(256, int(level * 256))
        scales = {
            "Rotate": 30 * either,
            "ShearX": 0.3 * either,
            "ShearY": 0.3 * either,
            "TranslateXRel": self.translate * either,
            "TranslateYRel": self.translate * either,
            "Posterize": four_bits,
            "PosterizeIncreasing": 4 - four_bits,
            "PosterizeOriginal": 4 + four_bits,
            "Solarize": threshold,
            "SolarizeIncreasing": 256 - threshold,
            "SolarizeAdd": min(128, int(110 * level)),
            "Desaturate": 1 - min(1.0, 0.5 + 0.5 * level),
            "GaussianBlur": min(2.0, 0.1 + 1.9 * level),
            "GaussianBlurRand": uniform(0.1, 2 * min(1.0, level)),
        }
        if name in scales:
            return scales[name]
        if name.endswith("Increasing"):
            return max(0.1, 1 + 0.9 * either)
        return 1.8 * level + 0.1

    def change(self, image, chain):
        for name, value in chain:
            image = self.operate(image, name.removesuffix("Increasing"), value)
        return image

    def affine(self, image, translate=(0.0, 0.0), shear=(0.0, 0.0)):
        look = dict(interpolation=self.interpolation, fill=self.fill)
        return F.affine(image, 0.0, list(translate), 1.0, list(shear), center=[0, 0], **look)

    def operate(self, image, name, value):
        height, width = F.get_size(image)
        slant = math.degrees(math.atan(value)) if name.startswith("Shear") else 0.0
        if name == "Rotate":
            return F.rotate(image, value, interpolation=self.interpolation, fill=self.fill)
        if name == "ShearX":
            return self.affine(image, shear=(slant, 0.0))
        if name == "ShearY":
            return self.affine(image, shear=(0.0, slant))
        if name == "TranslateXRel":
            return self.affine(image, translate=(value * width, 0.0))
        if name == "TranslateYRel":
            return self.affine(image, translate=(0.0, value * height))
        if name.startswith("Posterize"):
            return F.posterize(image, max(0, value)) if value < 8 else image
        if name == "Solarize":
            return F.solarize(image, value) if value < 256 else image
        if name == "SolarizeAdd":
            more = (image.int() + value).clamp(max=255).to(image.dtype)
            return torch.where(image < 128, more, image)
        if name in ("Color", "Desaturate"):
            return F.adjust_saturation(image, value)
        if name == "Brightness":
            return F.adjust_brightness(image, value)
        if name == "Contrast":
            return F.adjust_contrast(image, value)
        if name == "Sharpness":
            return F.adjust_sharpness(image, value)
        if name.startswith("GaussianBlur"):
            size = 2 * math.ceil(3 * value) + 1
            return F.gaussian_blur(image, [size, size], [value, value]) if size > 1 else image
        if name == "AutoContrast":
            return F.autocontrast(image)
        return F.equalize(image) if name == "Equalize" else F.invert(image)


class TimmRandAugment(TimmPolicy):
    """num_ops operations in a row, each applied with probability p; by weights none comes twice."""

    def __init__(self, num_ops, p, magnitude, operations, weights=None, **more):
        super().__init__(**more)
        self.num_ops, self.p, self.magnitude = num_ops, p, magnitude
        self.operations, self.weights = operations, weights

    def draw(self, height, width):
        even = torch.ones(len(self.operations))
        odds = even if self.weights is None else torch.tensor(self.weights)
        again = self.weights is None
        places = torch.multinomial(odds, self.num_ops, replacement=again).tolist()
        names = [self.operations[i] for i in places]
        return dict(chain=[s for n in names for s in self.applied(n, self.p, self.magnitude)])


class TimmAutoAugment(TimmPolicy):
    """One of the sub-policies: operations, their probabilities and magnitudes."""

    def __init__(self, policies, **more):
        super().__init__(**more)
        self.policies = policies

    def draw(self, height, width):
        steps = self.policies[randint(0, len(self.policies) - 1)]
        return dict(chain=[drawn for step in steps for drawn in self.applied(*step)])


class TimmAugMix(TimmPolicy):
    """Short chains of operations over one image, blended with each other and with the image."""

    def __init__(self, magnitude, width, depth, alpha, operations, **more):
        super().__init__(**more)
        self.magnitude, self.width, self.depth = magnitude, width, depth
        self.alpha, self.operations = float(alpha), operations

    def draw(self, height, width):
        two, all_ = torch.full((2,), self.alpha), torch.full((self.width,), self.alpha)
        mixed = torch.distributions.Dirichlet(two).sample()[0].item()
        shares = torch.distributions.Dirichlet(all_).sample().tolist()
        chains = []
        for _ in shares:
            places = [randint(0, len(self.operations) - 1) for _ in range(randint(*self.depth))]
            names = [self.operations[i] for i in places]
            chains.append([s for n in names for s in self.applied(n, 1.0, self.magnitude)])
        return dict(mixed=mixed, shares=shares, chains=chains)

    def change(self, image, mixed, shares, chains):
        blend = (1 - mixed) * image.float()
        for share, chain in zip(shares, chains):
            blend += mixed * share * super().change(image, chain).float()
        return blend.round().clamp(0, 255).to(image.dtype)
