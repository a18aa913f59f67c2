# 3-augment, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F
# def uniform: as in common.py
# class Drawn: as in common.py
# class GaussianBlur: as in color.py


transform = v2.Compose([
    v2.ToImage(),
    v2.RandomChoice(
        [
            v2.RandomGrayscale(p=1),
            v2.RandomSolarize(threshold=128, p=1),
            GaussianBlur(sigma=[0.1, 2]),
        ],
    ),
])
