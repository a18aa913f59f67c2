"""Changes of values whose ranges torchvision's classes cannot draw, noise, blur and holes."""

import math

import torch
from common import Drawn, pixels, randint, rectangles, uniform
from torchvision.transforms.v2 import functional as F


class Posterize(Drawn):
    def __init__(self, bits):
        super().__init__()
        self.bits = bits

    def draw(self, height, width):
        return dict(bits=randint(*self.bits))

    def change(self, image, bits):
        return F.posterize(image, bits)


class Solarize(Drawn):
    """Inverts every value from a threshold on; one above 255 inverts nothing."""

    def __init__(self, threshold):
        super().__init__()
        self.threshold = threshold

    def draw(self, height, width):
        return dict(threshold=uniform(*self.threshold))

    def change(self, image, threshold):
        return F.solarize(image, threshold) if threshold <= 255 else image


class SolarizeAdd(Drawn):
    """Adds to every value below a threshold."""

    def __init__(self, add, threshold):
        super().__init__()
        self.add, self.threshold = add, threshold

    def draw(self, height, width):
        return dict(add=int(uniform(*self.add)))

    def change(self, image, add):
        more = (image.int() + add).clamp(max=255).to(image.dtype)
        return torch.where(image < self.threshold, more, image)


class Sharpness(Drawn):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def draw(self, height, width):
        return dict(factor=uniform(*self.factor))

    def change(self, image, factor):
        return F.adjust_sharpness(image, factor)


class Gamma(Drawn):
    """Power law; the exponent is drawn evenly in its logarithm."""

    def __init__(self, gamma):
        super().__init__()
        self.logarithm = [math.log(gamma[0]), math.log(gamma[1])]

    def draw(self, height, width):
        return dict(gamma=math.exp(uniform(*self.logarithm)))

    def change(self, image, gamma):
        return F.adjust_gamma(image, gamma)


class RGBShift(Drawn):
    """Adds an amount of its own to each channel, in shares of the full range."""

    def __init__(self, red, green, blue):
        super().__init__()
        self.ranges = [red, green, blue]

    def draw(self, height, width):
        return dict(shift=[math.floor(255 * uniform(*limits) + 0.5) for limits in self.ranges])

    def change(self, image, shift):
        shifted = image.int() + torch.tensor(shift).reshape(3, 1, 1)
        return shifted.clamp(0, 255).to(image.dtype)


class ChannelShuffle(Drawn):
    """One of the five other orders of red, green and blue."""

    orders = [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]

    def draw(self, height, width):
        return dict(order=self.orders[randint(0, 4)])

    def change(self, image, order):
        return image[order]


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


class GaussianNoise(Drawn):
    """Adds N(0, sigma^2) to every value; sigma is a share of the full range."""

    def __init__(self, sigma, per_channel=True):
        super().__init__()
        self.sigma, self.channels = sigma, 3 if per_channel else 1

    def draw(self, height, width):
        return dict(noise=255 * uniform(*self.sigma) * torch.randn(self.channels, height, width))

    def change(self, image, noise):
        return (image + noise).round().clamp(0, 255).to(image.dtype)


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


class CoarseDropout(Drawn):
    """Fills some rectangles inside the image; their sides are shares of the image's."""

    def __init__(self, holes, height, width, fill=0):
        super().__init__()
        self.holes, self.height, self.width, self.fill = holes, height, width, fill

    def draw(self, height, width):
        boxes = []
        for _ in range(randint(*self.holes)):
            high = math.floor(height * uniform(*self.height) + 0.5)
            wide = math.floor(width * uniform(*self.width) + 0.5)
            top, left = randint(0, height - high), randint(0, width - wide)
            boxes.append((top, left, top + high, left + wide))
        return dict(boxes=boxes)

    def change(self, image, boxes):
        return rectangles(image, boxes, self.fill)
