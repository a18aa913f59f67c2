# cifar, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F
# def randint: as in common.py
# def pixels: as in common.py
# def rectangles: as in common.py
# class Drawn: as in common.py
# class PadCrop: as in geometry.py
# class Cutout: as in color.py


transform = v2.Compose([
    v2.ToImage(),
    v2.RandomHorizontalFlip(p=0.5),
    PadCrop(padding=4, padding_mode="reflect"),
    v2.ColorJitter(brightness=0.3, contrast=0.2, saturation=0.4, hue=0.05),
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize(mean=[0.4914, 0.4822, 0.4465], std=[0.247, 0.2435, 0.2616]),
    Cutout(size=8),
])

# Call batch_transform(images, labels) on a shuffled batch; labels become shares of the classes.
NUM_CLASSES = None  # how many, where labels are indices
batch_transform = v2.Compose([
    v2.RandomChoice(
        [
            v2.MixUp(alpha=0.2, num_classes=NUM_CLASSES),
            v2.RandomApply([v2.CutMix(alpha=1.0, num_classes=NUM_CLASSES)], p=0.5),
        ],
    ),
])
