# imagenet, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.

import torch
from torchvision.transforms import v2

transform = v2.Compose([
    v2.ToImage(),
    v2.RandomResizedCrop([24, 24], scale=[0.3, 1], ratio=[0.75, 1.3333333333333333]),
    v2.RandomHorizontalFlip(p=0.5),
    v2.ColorJitter(brightness=[0.7, 1.1]),
    v2.RandomGrayscale(p=0.2),
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
])
