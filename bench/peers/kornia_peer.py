"""Kornia on the CPU, as its users write it: a batch of float tensors through an AugmentationSequential.

Photos differ in size and so cannot be batched before they are cropped: each goes through K.RandomResizedCrop alone, the
rest is done on the batch. Kornia's images are float from the start. Decoding is torchvision.io's: Kornia has no decoder.
"""

import peer

try:
    import kornia
    import kornia.augmentation as K
    import torch
    from torchvision import io

    torch.set_num_threads(1)
    versions = {"kornia": kornia.__version__, "torch": torch.__version__}
except (ImportError, OSError, ValueError) as error:
    failure, versions = error, {}
else:
    failure = None


def decode(data):
    return io.decode_jpeg(data, mode=io.ImageReadMode.RGB)


def scaled(image):
    return image.float().div_(255)


def normalize():
    return K.Normalize(mean=torch.tensor(peer.MEAN), std=torch.tensor(peer.STD))


def on_batch(items, size, one, apply):
    """`one` makes an image [3, H, W] of an item, `apply` works on the batch [B, 3, H, W] of them."""
    return peer.batches(items, size, one, lambda images: apply(torch.stack(images)))


def make(s):
    if failure:
        raise ImportError(failure)
    torch.set_grad_enabled(False)
    case, size = s["case"], s["batch"]
    if case == "randaugment-224" or case == "trivialaugment-224":
        policy = K.auto.RandAugment(n=2, m=9) if case == "randaugment-224" else K.auto.TrivialAugment()
        apply = K.AugmentationSequential(policy)
        images = [torch.frombuffer(bytearray(i.tobytes()), dtype=torch.uint8) for i in peer.squares(s)]
        images = [scaled(i.reshape(224, 224, 3).permute(2, 0, 1).contiguous()) for i in images]
        return on_batch(images, size, lambda image: image, apply)
    erasing = K.RandomErasing(scale=(0.02, 0.33), ratio=(0.3, 3.3), p=0.5)
    flip = K.RandomHorizontalFlip(p=0.5)
    if case == "cifar-32":
        crop = K.RandomCrop((32, 32), padding=4)
        apply = K.AugmentationSequential(crop, flip, normalize(), erasing)
        return on_batch(tensors(peer.shard_images(s)), size, lambda data: scaled(decode(data)), apply)
    crop = K.RandomResizedCrop((224, 224), keepdim=True)
    if case == "large-photos":
        apply = K.AugmentationSequential(flip, normalize())
        return on_batch(tensors(peer.photos(s)), size, lambda data: crop(scaled(decode(data))), apply)
    jitter = K.ColorJitter(0.4, 0.4, 0.4)
    apply = K.AugmentationSequential(flip, jitter, normalize(), erasing)
    if case == "augment-224":
        return on_batch(tensors(peer.photos(s)), size, lambda data: crop(scaled(decode(data))), apply)
    if case == "augment-224-decoded":
        images = [decode(data) for data in tensors(peer.photos(s))]
        return on_batch(images, size, lambda image: crop(scaled(image)), apply)
    raise NotImplementedError


def tensors(encoded):
    return [torch.frombuffer(bytearray(data), dtype=torch.uint8) for data in encoded]


if __name__ == "__main__":
    peer.serve(make, **versions)
