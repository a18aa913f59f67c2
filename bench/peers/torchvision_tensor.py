"""torchvision v2 on uint8 tensors, decoding with torchvision.io."""

import peer

try:
    import torch
    import torchvision
    from torchvision import io
    from torchvision.transforms import v2

    torch.set_num_threads(1)
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
except (ImportError, OSError, ValueError) as error:
    failure, versions = error, {}
else:
    failure = None

POLICIES = {"randaugment-224": "RandAugment", "trivialaugment-224": "TrivialAugmentWide", "augmix-224": "AugMix"}


def decode(data):
    return io.decode_jpeg(data, mode=io.ImageReadMode.RGB)


def tensors(encoded):
    return [torch.frombuffer(bytearray(data), dtype=torch.uint8) for data in encoded]


def write():
    return [v2.ToDtype(torch.float32, scale=True), v2.Normalize(peer.MEAN, peer.STD), v2.RandomErasing(0.5)]


def photo_pipeline():
    return v2.Compose([v2.RandomResizedCrop(224), v2.RandomHorizontalFlip(), v2.ColorJitter(0.4, 0.4, 0.4), *write()])


def make(s):
    if failure:
        raise ImportError(failure)
    case, size = s["case"], s["batch"]
    if case == "decode":
        return peer.each(tensors(peer.photos(s)), decode)
    if case == "augment-224":
        apply = photo_pipeline()
        return peer.batches(tensors(peer.photos(s)), size, lambda data: apply(decode(data)), torch.stack)
    if case == "augment-224-decoded":
        return peer.batches([decode(t) for t in tensors(peer.photos(s))], size, photo_pipeline(), torch.stack)
    if case == "cifar-32":
        apply = v2.Compose([v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip(), *write()])
        return peer.batches(tensors(peer.shard_images(s)), size, lambda data: apply(decode(data)), torch.stack)
    if case in POLICIES:
        images = [v2.functional.pil_to_tensor(image) for image in peer.squares(s)]
        return peer.batches(images, size, getattr(v2, POLICIES[case])(), torch.stack)
    raise NotImplementedError


if __name__ == "__main__":
    peer.serve(make, **versions)
