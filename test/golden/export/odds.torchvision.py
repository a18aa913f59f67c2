# odds, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.

from torchvision.transforms import v2

transform = v2.Compose([
    v2.ToImage(),
    v2.RandomChoice(
        [
            v2.RandomApply([v2.RandomInvert(p=1)], p=0.3),
            v2.RandomApply([v2.RandomRotation([-25, -5])], p=0.9),
            v2.RandomHorizontalFlip(p=1),
        ],
        p=[6, 3, 1],
    ),
])
