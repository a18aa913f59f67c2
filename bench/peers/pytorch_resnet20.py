"""One training step of ResNet-20 (He et al. 2015, CIFAR form, projection-free shortcuts) in eager PyTorch:
channels_last, SGD with momentum 0.9 and weight decay 1e-4, float32, batch 128, every core. On one random
batch, or (s["feed"] == "stream") on batches from a DataLoader with one worker around torchvision on PIL. The case
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

    versions = {"torch": torch.__version__}
except (ImportError, OSError, ValueError) as error:
    failure, versions = error, {}
    Module = object
else:
    failure = None
    Module = nn.Module


class Block(Module):
    def __init__(self, cin, cout, stride, drop=0.0):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)
        self.widen = cout - cin
        self.drop = drop

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        y = self.norm2(self.conv2(y))
        if self.drop > 0:  # stochastic depth: a draw a sample
            y = y * (torch.rand(len(y), 1, 1, 1) < 1 - self.drop).float().div_(1 - self.drop)
        if self.widen:  # option A: subsample, pad the channels with zeros
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.widen // 2, self.widen - self.widen // 2))
        return F.relu(y + x, inplace=True)


def resnet20(classes=10, depth=0.0, dropout=0.0):
    widths = [(16, 16, 1)] * 3 + [(16, 32, 2)] + [(32, 32, 1)] * 2 + [(32, 64, 2)] + [(64, 64, 1)] * 2
    stem = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
    drops = [nn.Dropout(dropout)] if dropout > 0 else []
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), *drops, nn.Linear(64, classes)]
    blocks = [Block(*w, depth * (i + 1) / len(widths)) for i, w in enumerate(widths)]
    return nn.Sequential(*stem, *blocks, *head)


def make(s):
    if failure:
        raise ImportError(failure)
    if s["case"] not in ("train-step-resnet20", "train-step-resnet20-full", "starvation"):
        raise NotImplementedError
    torch.set_num_threads(s["threads"])
    torch.manual_seed(0)
    full = s["case"] == "train-step-resnet20-full"
    model = (resnet20(depth=0.1, dropout=0.1) if full else resnet20()).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    smoothing = 0.1 if full else 0.0
    average = full and AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.999), use_buffers=True)
    batches = stream(s) if s.get("feed") == "stream" else one_batch(s["batch"])

    def step():
        images, labels = next(batches)
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(images.contiguous(memory_format=torch.channels_last)), labels, label_smoothing=smoothing)
        loss.backward()
        if full:
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        if full:
            average.update_parameters(model)
        loss.item()  # the loss is read after each step, as a training loop's progress does
        return len(labels)

    return step


def one_batch(size):
    images = torch.randn(size, 3, 32, 32).to(memory_format=torch.channels_last)
    return itertools.repeat((images, torch.randint(0, 10, (size,))))


def stream(s):
    from torchvision_dataloader import forever
    from torchvision_pil import cifar_pipeline

    return forever(peer.shard_images(s), cifar_pipeline(), s["batch"], workers=1)


if __name__ == "__main__":
    peer.serve(make, **versions)
