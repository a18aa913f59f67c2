"""albumentations 2 (the last MIT release), decoding with OpenCV."""

import peer

try:
    import albumentations as A
    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    versions = {"albumentations": A.__version__, "opencv": cv2.__version__}
except ImportError as error:
    failure, versions = error, {}
else:
    failure = None


def decode(data):
    return cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)


def finish():
    return [A.Normalize(mean=peer.MEAN, std=peer.STD), A.Erasing(scale=(0.02, 0.33), ratio=(0.3, 3.3), p=0.5)]


def photo_pipeline():
    jitter = A.ColorJitter(brightness=(0.6, 1.4), contrast=(0.6, 1.4), saturation=(0.6, 1.4), hue=(0, 0), p=1)
    return A.Compose([A.RandomResizedCrop(size=(224, 224)), A.HorizontalFlip(p=0.5), jitter, *finish()])


def make(s):
    if failure:
        raise ImportError(failure)
    case, size = s["case"], s["batch"]
    if case == "cifar-32":
        crop = A.RandomCrop(32, 32, pad_if_needed=False)
        apply = A.Compose([A.Pad(4), crop, A.HorizontalFlip(p=0.5), *finish()])
        items = [np.frombuffer(d, np.uint8) for d in peer.shard_images(s)]
        return peer.batches(items, size, lambda data: apply(image=decode(data))["image"], np.stack)
    apply = photo_pipeline()
    if case == "augment-224":
        items = [np.frombuffer(d, np.uint8) for d in peer.photos(s)]
        return peer.batches(items, size, lambda data: apply(image=decode(data))["image"], np.stack)
    if case == "augment-224-decoded":
        items = [decode(np.frombuffer(d, np.uint8)) for d in peer.photos(s)]
        return peer.batches(items, size, lambda image: apply(image=image)["image"], np.stack)
    raise NotImplementedError


if __name__ == "__main__":
    peer.serve(make, **versions)
