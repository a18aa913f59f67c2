"""What the other classes build on, and the one composition that torchvision lacks."""

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


def uniform(low, high):
    return low + (high - low) * torch.rand(()).item()


def randint(low, high):
    """A whole number, both ends included."""
    return int(torch.randint(low, high + 1, ()))


def whole(value):
    """Cut towards zero; what falls short of a whole number by a rounding error is that number."""
    return int(value + math.copysign(1e-9, value))


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


class SomeOf(v2.Transform):
    """n different ones of the transforms, in random order."""

    def __init__(self, n, transforms):
        super().__init__()
        self.n, self.transforms = n, transforms

    def forward(self, *inputs):
        for i in torch.randperm(len(self.transforms))[: self.n]:
            outputs = self.transforms[i](*inputs)
            inputs = outputs if len(inputs) > 1 else (outputs,)
        return inputs if len(inputs) > 1 else inputs[0]
