"""Losses of whole trainings in PyTorch: python parity.py writes parity.json beside it.

ResNet-8 of width 4 with batch norm on 8x8 images, 100 batches of 16, label smoothing 0.1, cosine learning rate; first
weights and batches come from an integer hash that both sides compute, so no file holds them. weight_decay of
torch.optim.SGD is rxaug's `l2`; rxaug's `weightDecay` is the decoupled one, which PyTorch has in AdamW and which is
written out here for SGD. Each is run in double precision too: where that leaves float32 (a relu near its
kink is enough) no agreement can be asked for, so such a recipe is refused.
"""
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.set_num_threads(1)
STEPS, BATCH, SIDE, CLASSES, WIDTH, SMOOTHING = 100, 16, 8, 5, 4, 0.1


def noise(n, seed):
    """n numbers in [-1, 1): a hash of (seed, position), see test/train/parity.test.ts."""
    mask, factor = np.uint64(0xFFFFFFFF), np.uint64(0x45D9F3B)
    h = (np.arange(n, dtype=np.uint64) + np.uint64(seed * 0x9E3779B9 & 0xFFFFFFFF)) & mask
    for _ in range(2):
        h = ((h ^ (h >> np.uint64(16))) * factor) & mask
    h ^= h >> np.uint64(16)
    return torch.tensor((h.astype(np.float64) / 2**31 - 1).astype(np.float32))


def batch(step):
    labels = torch.tensor([(7 * i + 3 * step + i * i) % CLASSES for i in range(BATCH)])
    size = SIDE * SIDE * 3
    pixels = noise(BATCH * size, 1000 + step).reshape(BATCH, size)
    patterns = torch.stack([noise(size, 500 + int(label)) for label in labels])
    images = (pixels + 0.5 * patterns).reshape(BATCH, SIDE, SIDE, 3).permute(0, 3, 1, 2)
    return images.contiguous(), labels


class Net:
    """Parameters in the order in which rxaug declares them; kernels are HWIO there and OIHW here."""

    def __init__(self, dtype):
        self.dtype, self.kernels, self.others, self.count = dtype, [], [], 0
        self.stem = self.conv(3, WIDTH), self.norm(WIDTH)
        self.blocks, cin = [], WIDTH
        for stage, cout in enumerate((WIDTH, 2 * WIDTH, 4 * WIDTH)):
            self.blocks.append((self.conv(cin, cout), self.norm(cout), self.conv(cout, cout), self.norm(cout), stage > 0))
            cin = cout
        head = noise(cin * CLASSES, self.next()).reshape(cin, CLASSES) * math.sqrt(3 / cin)
        self.head = self.keep(head.T, self.kernels)
        self.next()
        self.bias = self.keep(torch.zeros(CLASSES), self.others)

    def next(self):
        self.count += 1
        return self.count

    def keep(self, tensor, where):
        leaf = tensor.to(self.dtype).contiguous().requires_grad_()
        where.append(leaf)
        return leaf

    def conv(self, cin, cout):
        w = noise(9 * cin * cout, self.next()).reshape(3, 3, cin, cout) * math.sqrt(6 / (9 * cin))
        return self.keep(w.permute(3, 2, 0, 1), self.kernels)

    def norm(self, channels):
        self.next()
        self.next()
        return self.keep(torch.ones(channels), self.others), self.keep(torch.zeros(channels), self.others)

    def __call__(self, x):
        norm = lambda x, p: F.batch_norm(x, None, None, p[0], p[1], True, 0.1, 1e-5)
        h = F.relu(norm(F.conv2d(x, self.stem[0], None, 1, 1), self.stem[1]))
        for conv1, norm1, conv2, norm2, halves in self.blocks:
            y = F.relu(norm(F.conv2d(h, conv1, None, 2 if halves else 1, 1), norm1))
            y = norm(F.conv2d(y, conv2, None, 1, 1), norm2)
            if halves:
                missing = y.shape[1] - h.shape[1]
                h = F.pad(h[:, :, ::2, ::2], (0, 0, 0, 0, missing // 2, missing - missing // 2))
            h = F.relu(y + h)
        return F.linear(h.mean((2, 3)), self.head, self.bias)


class DecoupledSGD(torch.optim.SGD):
    """w ← (1 − lr·λ)·w, then the step of SGD with momentum (SGDW, Loshchilov and Hutter, 2019)."""

    def __init__(self, groups, decoupled, **more):
        super().__init__(groups, **more)
        self.decoupled = decoupled

    @torch.no_grad()
    def step(self):
        group = self.param_groups[0]
        for w in group["params"]:
            w.mul_(1 - group["lr"] * self.decoupled)
        super().step()


def groups(net, decay):
    return [{"params": net.kernels, "weight_decay": decay}, {"params": net.others, "weight_decay": 0}]


RECIPES = {
    "sgd, l2": (0.04, lambda net: torch.optim.SGD(groups(net, 5e-4), lr=1, momentum=0.9)),
    "sgd, weightDecay": (0.04, lambda net: DecoupledSGD(groups(net, 0), 5e-3, lr=1, momentum=0.9)),
    "adam, l2": (2e-3, lambda net: torch.optim.Adam(groups(net, 5e-4), lr=1)),
    "adamw, weightDecay": (2e-3, lambda net: torch.optim.AdamW(groups(net, 0.05), lr=1)),
}


def losses(name, dtype):
    peak, make = RECIPES[name]
    net = Net(dtype)
    optimizer, seen = make(net), []
    for step in range(STEPS):
        images, labels = batch(step)
        for group in optimizer.param_groups:
            group["lr"] = peak * (1 + math.cos(math.pi * step / STEPS)) / 2
        loss = F.cross_entropy(net(images.to(dtype)), labels, label_smoothing=SMOOTHING)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen.append(loss.item())
    return seen


runs = []
for name, (peak, _) in RECIPES.items():
    single, double = losses(name, torch.float32), losses(name, torch.float64)
    runs.append({"name": name, "learningRate": peak, "losses": single})
    apart = max(abs(a / b - 1) for a, b in zip(single, double))
    print(name, f"loss {single[0]:.3f} to {single[-1]:.3f};", "float32 and float64 differ by at most",
          f"{apart:.1e}")
    assert apart < 5e-4, "choose another learning rate"
(HERE / "parity.json").write_text(json.dumps(runs, separators=(",", ":")) + "\n")
