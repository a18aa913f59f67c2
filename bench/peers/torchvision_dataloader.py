"""PyTorch's DataLoader around the torchvision-PIL photo pipeline with s["workers"] worker processes."""

import itertools

import peer

try:
    import torch
    import torchvision
    from torch.utils.data import DataLoader, Dataset
    from torchvision_pil import photo_pipeline

    torch.set_num_threads(1)
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__}
except (ImportError, OSError, ValueError) as error:
    failure, versions = error, {}
    Dataset = object
else:
    failure = None


class Images(Dataset):
    """Encoded images over and over: one 'epoch' outlasts every measurement."""

    def __init__(self, encoded, apply):
        self.encoded, self.apply = encoded, apply

    def __getitem__(self, i):
        return self.apply(peer.pil(self.encoded[i % len(self.encoded)])), i % 10


def one_thread(_):
    torch.set_num_threads(1)


def forever(encoded, apply, batch, workers):
    """Batches (images, labels) without end; the sampler is a plain counter."""
    data = Images(encoded, apply)
    loader = DataLoader(
        data, batch_size=batch, sampler=itertools.count(), num_workers=workers, worker_init_fn=one_thread
    )
    return iter(loader)


def make(s):
    if failure:
        raise ImportError(failure)
    if s["case"] != "scaling":
        raise NotImplementedError
    batches = forever(peer.photos(s), photo_pipeline(), s["batch"], s["workers"])
    return lambda: len(next(batches)[1])


if __name__ == "__main__":
    peer.serve(make, **versions)
