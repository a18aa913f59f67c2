# augmix-m3-w3, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F
# def uniform: as in common.py
# def randint: as in common.py
# class Drawn: as in common.py
# class TimmPolicy: as in timm.py
# class TimmAugMix: as in timm.py


transform = v2.Compose([
    v2.ToImage(),
    TimmAugMix(
        magnitude=3,
        width=3,
        depth=[1, 3],
        alpha=1,
        operations=[
            "AutoContrast", "ColorIncreasing", "ContrastIncreasing", "BrightnessIncreasing",
            "SharpnessIncreasing", "Equalize", "Rotate", "PosterizeIncreasing",
            "SolarizeIncreasing", "ShearX", "ShearY", "TranslateXRel", "TranslateYRel",
        ],
        deviation="uniform",
        max=10,
        translate=0.45,
        interpolation=v2.InterpolationMode.BILINEAR,
        fill=[128, 128, 128],
    ),
])
