# cifar, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


def randint(low, high):
    """A whole number, both ends included."""
    return int(torch.randint(low, high + 1, ()))


def pixels(length, share, side):
    """A length in pixels, given as that or as a share of a side."""
    return math.floor(share * side + 0.5) if length is None else length


def rectangles(image, boxes, fill):
    """Covers [top, left, bottom, right] with a value, one a channel, or noise."""
    image = image.clone()
    for top, left, bottom, right in boxes:
        shape = (*image.shape[:-2], bottom - top, right - left)
        if fill != "noise":
            value = torch.tensor(fill).to(image.dtype).reshape(-1, 1, 1)
        elif image.is_floating_point():
            value = torch.randn(shape)
        else:
            value = torch.randint(256, shape, dtype=image.dtype)
        image[..., top:bottom, left:right] = value
    return image


class Drawn(v2.Transform):
    """Draws numbers, then changes the image by them. Boxes, masks and keypoints are refused."""

    _transformed_types = (tv_tensors.Image,)

    def check_inputs(self, flat_inputs):
        others = (tv_tensors.BoundingBoxes, tv_tensors.Mask, tv_tensors.KeyPoints)
        if any(isinstance(given, others) for given in flat_inputs):
            raise TypeError(f"{type(self).__name__} changes images alone")

    def draw(self, height, width):
        return {}

    def make_params(self, flat_inputs):
        return self.draw(*F.get_size(flat_inputs[0]))

    def transform(self, image, params):
        changed = self.change(image.as_subclass(torch.Tensor), **params)
        return tv_tensors.wrap(changed, like=image)


class PadCrop(Drawn):
    """Pads every side and crops back to the size it had, at a random place."""

    def __init__(self, padding=None, share=None, padding_mode="constant", fill=0):
        super().__init__()
        self.padding, self.share = padding, share
        self.padding_mode, self.fill = padding_mode, fill

    def draw(self, height, width):
        down, across = (pixels(self.padding, self.share, side) for side in (height, width))
        box = dict(top=randint(0, 2 * down), left=randint(0, 2 * across), height=height, width=width)
        return dict(padding=[across, down], box=box)

    def change(self, image, padding, box):
        padded = F.pad(image, padding, fill=self.fill, padding_mode=self.padding_mode)
        return F.crop(padded, **box)


class Cutout(Drawn):
    """Covers squares whose centres fall anywhere, so that some hang over the edge."""

    def __init__(self, size=None, share=None, count=1, fill=0):
        super().__init__()
        self.size, self.share, self.count, self.fill = size, share, count, fill

    def draw(self, height, width):
        size = pixels(self.size, self.share, min(height, width))
        boxes = []
        for _ in range(self.count):
            left = randint(0, width - 1) - size // 2
            top = randint(0, height - 1) - size // 2
            bottom, right = min(height, top + size), min(width, left + size)
            boxes.append((max(0, top), max(0, left), bottom, right))
        return dict(boxes=boxes)

    def change(self, image, boxes):
        return rectangles(image, boxes, self.fill)


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
