"""torchvision on PIL images: the pipeline of most training scripts.

`torchvision-pil-draft` knows more: it opens the file without decoding, draws the window, asks libjpeg through
Image.draft() for a fraction of the size that still has 224 pixels in the window, and resizes out of that.
"""

import io
import math

import peer

try:
    import PIL.Image
    import torch
    import torchvision
    from torchvision import transforms as v1
    from torchvision.transforms import v2

    torch.set_num_threads(1)
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "pillow": PIL.__version__}
except (ImportError, OSError, ValueError) as error:
    failure, versions = error, {}
else:
    failure = None

POLICIES = {"randaugment-224": "RandAugment", "trivialaugment-224": "TrivialAugmentWide", "augmix-224": "AugMix"}


def photo_pipeline():
    # v1 classes: on PIL images they are somewhat faster than v2's.
    return v1.Compose([
        v1.RandomResizedCrop(224), v1.RandomHorizontalFlip(), v1.ColorJitter(0.4, 0.4, 0.4),
        v1.ToTensor(), v1.Normalize(peer.MEAN, peer.STD), v1.RandomErasing(0.5),
    ])  # fmt: skip


def cifar_pipeline():
    return v1.Compose([
        v1.RandomCrop(32, padding=4), v1.RandomHorizontalFlip(),
        v1.ToTensor(), v1.Normalize(peer.MEAN, peer.STD), v1.RandomErasing(0.5),
    ])  # fmt: skip


def write():
    return [v1.RandomHorizontalFlip(), v1.ToTensor(), v1.Normalize(peer.MEAN, peer.STD)]


def drafted(data):
    """RandomResizedCrop of a file, decoded at the fraction of its size that the window needs."""
    image = PIL.Image.open(io.BytesIO(data))
    width, height = image.size
    y, x, h, w = peer.window(height, width)
    image.draft("RGB", (math.ceil(width * 224 / w), math.ceil(height * 224 / h)))
    fx, fy = image.width / width, image.height / height
    box = (x * fx, y * fy, (x + w) * fx, (y + h) * fy)
    return image.convert("RGB").resize((224, 224), PIL.Image.Resampling.BILINEAR, box=box)


def large(s):
    if s["contestant"] == "torchvision-pil-draft":
        apply = v1.Compose([drafted, *write()])
    else:
        apply = v1.Compose([peer.pil, v1.RandomResizedCrop(224), *write()])
    return peer.batches(peer.photos(s), s["batch"], apply, torch.stack)


def make(s):
    if failure:
        raise ImportError(failure)
    case, size = s["case"], s["batch"]
    if case == "large-photos":
        return large(s)
    if case == "decode":
        return peer.each(peer.photos(s), peer.pil)
    if case == "augment-224":
        apply = photo_pipeline()
        return peer.batches(peer.photos(s), size, lambda data: apply(peer.pil(data)), torch.stack)
    if case == "augment-224-decoded":
        return peer.batches([peer.pil(d) for d in peer.photos(s)], size, photo_pipeline(), torch.stack)
    if case == "cifar-32":
        apply = cifar_pipeline()
        return peer.batches(peer.shard_images(s), size, lambda data: apply(peer.pil(data)), torch.stack)
    if case in POLICIES:
        apply = v2.Compose([getattr(v2, POLICIES[case])(), v2.PILToTensor()])
        return peer.batches(peer.squares(s), size, apply, torch.stack)
    raise NotImplementedError


if __name__ == "__main__":
    peer.serve(make, **versions)
