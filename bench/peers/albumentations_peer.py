"""albumentations 2 (the last MIT release) and AlbumentationsX (its successor, under AGPL: measured here in a process and
an environment of its own, never imported by rxaug and never shipped with it). Both decode with OpenCV.

They share the module's name and, up to the arguments of ColorJitter, the calls.
"""

import peer

PACKAGE = peer.spec()["contestant"]

try:
    peer.must_be(PACKAGE)
    import albumentations as A
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    versions = {PACKAGE: A.__version__, "opencv": cv2.__version__}
except ImportError as error:
    failure, versions = error, {}
else:
    failure = None


def decode(data):
    return cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)


def normalize():
    return A.Normalize(mean=peer.MEAN, std=peer.STD)


def finish():
    return [normalize(), A.Erasing(scale=(0.02, 0.33), ratio=(0.3, 3.3), p=0.5)]


def jitter():
    ranges = {"brightness": (0.6, 1.4), "contrast": (0.6, 1.4), "saturation": (0.6, 1.4), "hue": (0, 0)}
    suffix = "_range" if PACKAGE == "albumentationsx" else ""
    return A.ColorJitter(**{name + suffix: pair for name, pair in ranges.items()}, p=1)


def crop_and_flip():
    return [A.RandomResizedCrop(size=(224, 224)), A.HorizontalFlip(p=0.5)]


def pipeline(case):
    if case == "cifar-32":
        return A.Compose([A.Pad(4), A.RandomCrop(32, 32, pad_if_needed=False), A.HorizontalFlip(p=0.5), *finish()])
    if case == "large-photos":
        return A.Compose([*crop_and_flip(), normalize()])
    if case in ("augment-224", "augment-224-decoded"):
        return A.Compose([*crop_and_flip(), jitter(), *finish()])
    raise NotImplementedError


def make(s):
    if failure:
        raise ImportError(failure)
    case, apply = s["case"], pipeline(s["case"])
    encoded = peer.shard_images(s) if case == "cifar-32" else peer.photos(s)
    items = [np.frombuffer(d, np.uint8) for d in encoded]
    if case == "augment-224-decoded":
        images = [decode(d) for d in items]
        return peer.batches(images, s["batch"], lambda image: apply(image=image)["image"], np.stack)
    return peer.batches(items, s["batch"], lambda data: apply(image=decode(data))["image"], np.stack)


if __name__ == "__main__":
    peer.serve(make, **versions)
