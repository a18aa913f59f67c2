# staged, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.
# Schedules are read off at progress 1: staged = the stage from 0.5, oneOf, uniformAugment.chance =
# 1.

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F
# def randint: as in common.py
# def whole: as in common.py
# class Drawn: as in common.py
# class Policy: as in policies.py
# class TrivialAugment: as in policies.py
# class UniformAugment: as in policies.py


transform = v2.Compose([
    v2.ToImage(),
    v2.RandomChoice(
        [
            TrivialAugment(
                bins=9,
                operations=[
                    "Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate",
                    "Brightness", "Color", "Contrast", "Sharpness", "Posterize", "Solarize",
                    "AutoContrast", "Equalize",
                ],
                reach={
                    "shear": 0.99,
                    "translate": 32,
                    "unit": "pixels",
                    "rotate": 135,
                    "enhance": 0.99,
                    "bits": 8,
                    "posterize": 6,
                },
                fill=[128, 128, 128],
            ),
            UniformAugment(
                num_ops=2,
                chance=1,
                operations=["SolarizeAdd", "Invert", "Identity", "Posterize"],
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
        ],
    ),
])
