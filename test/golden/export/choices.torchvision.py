# choices, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.
# Schedules are read off at progress 1: randomApply.p = 0.6.

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F
# def uniform: as in common.py
# def randint: as in common.py
# def whole: as in common.py
# class Drawn: as in common.py
# class SomeOf: as in common.py
# class Translate: as in geometry.py
# class Posterize: as in color.py
# class Solarize: as in color.py


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
