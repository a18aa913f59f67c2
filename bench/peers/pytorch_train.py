"""One training step of a classifier in PyTorch, eager or with `torch.compile` of the network (its default mode): channels_last,
float32, every core, on one random batch, or (s["feed"] == "stream") on batches from a DataLoader with one worker around
torchvision on PIL. SGD with momentum 0.9 and L2 of 1e-4 on kernels; AdamW for the transformer. The case
train-step-resnet20-full adds label smoothing, stochastic depth, dropout before the head, clipping by the norm, and a
moving average of weights and buffers by the fused functions of torch.optim.swa_utils.
"""

import itertools

import peer

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    import pytorch_models as models

    versions = {"torch": torch.__version__}
except (ImportError, OSError, ValueError) as error:
    failure, versions = error, {}
else:
    failure = None

CASES = {
    "train-step-resnet20": lambda: models.resnet20(),
    "starvation": lambda: models.resnet20(),
    "train-step-resnet20-full": lambda: models.resnet20(depth=0.1, dropout=0.1),
    "train-step-wrn16-4": lambda: models.wide_resnet(16, 4),
    "train-step-small-cnn": lambda: models.small_cnn(),
    "train-step-vit": lambda: models.Vit(),
}


def optimizer_of(case, model):
    if case == "train-step-vit":
        return torch.optim.AdamW(models.groups(model, 0.05), lr=1e-3)
    return torch.optim.SGD(models.groups(model, 1e-4), lr=0.1, momentum=0.9)


def make(s):
    if failure:
        raise ImportError(failure)
    if s["case"] not in CASES:
        raise NotImplementedError
    torch.set_num_threads(s["threads"])
    torch.manual_seed(0)
    full = s["case"] == "train-step-resnet20-full"
    model = models.drawn(CASES[s["case"]]()).to(memory_format=torch.channels_last).train()
    optimizer = optimizer_of(s["case"], model)
    smoothing = 0.1 if full else 0.0
    average = full and AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.999), use_buffers=True)
    batches = stream(s) if s.get("feed") == "stream" else one_batch(s["batch"])
    network = torch.compile(model) if s.get("compile") else model

    def step():
        images, labels = next(batches)
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(network(images.contiguous(memory_format=torch.channels_last)), labels, label_smoothing=smoothing)
        loss.backward()
        if full:
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        if full:
            average.update_parameters(model)
        loss.item()  # the loss is read after each step, as a training loop's progress does
        return len(labels)

    return peer.training(step, s, parameters=models.parameters_of(model))


def one_batch(size):
    images = torch.randn(size, 3, 32, 32).to(memory_format=torch.channels_last)
    return itertools.repeat((images, torch.randint(0, 10, (size,))))


def stream(s):
    from torchvision_dataloader import forever
    from torchvision_pil import cifar_pipeline

    return forever(peer.shard_images(s), cifar_pipeline(), s["batch"], workers=1)


if __name__ == "__main__":
    peer.serve(make, **versions)
