# randAugment, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.

from torchvision.transforms import v2

transform = v2.Compose([
    v2.ToImage(),
    v2.RandAugment(num_ops=2, magnitude=9),
])
