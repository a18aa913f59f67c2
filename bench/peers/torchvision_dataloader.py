"""PyTorch's DataLoader around the torchvision-PIL photo pipeline with s["workers"] worker processes."""

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


class Photos(Dataset):
    """The photos over and over: one 'epoch' outlasts every measurement."""

    def __init__(self, encoded):
        self.encoded, self.apply = encoded, photo_pipeline()

    def __len__(self):
        return 1 << 30

    def __getitem__(self, i):
        return self.apply(peer.pil(self.encoded[i % len(self.encoded)]))


def one_thread(_):
    torch.set_num_threads(1)


def make(s):
    if failure:
        raise ImportError(failure)
    if s["case"] != "scaling":
        raise NotImplementedError
    loader = DataLoader(
        Photos(peer.photos(s)), batch_size=s["batch"], sampler=iter_forever(), num_workers=s["workers"],
        worker_init_fn=one_thread,
    )  # fmt: skip
    batches = iter(loader)
    return lambda: len(next(batches))


class iter_forever(torch.utils.data.Sampler if failure is None else object):
    """Indices 0, 1, 2, … without the list that a sequential sampler's length would promise."""

    def __init__(self):
        pass

    def __iter__(self):
        i = 0
        while True:
            yield i
            i += 1


if __name__ == "__main__":
    peer.serve(make, **versions)
