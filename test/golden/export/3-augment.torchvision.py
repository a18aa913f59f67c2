# 3-augment, written by rxaug export --to torchvision.
# For torchvision 0.29, transforms v2. Call transform(image): a PIL image, an HxWx3 array or a 3xHxW
# tensor of uint8.

import math

import torch
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F


def uniform(low, high):
    return low + (high - low) * torch.rand(()).item()


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


class GaussianBlur(Drawn):
    """The kernel reaches three standard deviations, whichever is drawn."""

    def __init__(self, sigma):
        super().__init__()
        self.sigma = sigma

    def draw(self, height, width):
        return dict(sigma=uniform(*self.sigma))

    def change(self, image, sigma):
        size = 2 * math.ceil(3 * sigma) + 1
        return image if size == 1 else F.gaussian_blur(image, [size, size], [sigma, sigma])


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
