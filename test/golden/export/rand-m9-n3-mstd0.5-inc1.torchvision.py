# rand-m9-n3-mstd0.5-inc1, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F
# def uniform: as in common.py
# class Drawn: as in common.py
# class TimmPolicy: as in timm.py
# class TimmRandAugment: as in timm.py


transform = v2.Compose([
    v2.ToImage(),
    TimmRandAugment(
        num_ops=3,
        p=0.5,
        magnitude=9,
        operations=[
            "AutoContrast", "Equalize", "Invert", "Rotate", "PosterizeIncreasing",
            "SolarizeIncreasing", "SolarizeAdd", "ColorIncreasing", "ContrastIncreasing",
            "BrightnessIncreasing", "SharpnessIncreasing", "ShearX", "ShearY", "TranslateXRel",
            "TranslateYRel",
        ],
        deviation=0.5,
        max=10,
        translate=0.45,
        interpolation=v2.InterpolationMode.BILINEAR,
        fill=[128, 128, 128],
    ),
])
