"""Golden logits and one training step of models in torchvision's and timm's layout.

    python test/golden/train/imagenet.py    # torch and torchvision

Weights are not stored: every number follows from the name of its tensor and its place by a hash, here and in
test/train/keyed-weights.ts. Reference in float64 over those float32 weights.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

OUT = Path(__file__).parent / "imagenet.json"
CLASSES = 10


def uniform(name, shape):
    """Numbers in [-1, 1) by FNV-1a of the name and murmur3's finalizer over the place; exact in float32."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 % 2**32
    h = np.uint32(seed) ^ (np.arange(math.prod(shape), dtype=np.uint32) * np.uint32(0x9E3779B1))
    h ^= h >> 16
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> 13
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> 16
    return ((h >> 8).astype(np.float64) / 2**23 - 1).reshape(shape)


def weight(name, shape):
    u = uniform(name, shape)
    if name.endswith("running_var"):
        w = 1 + 0.5 * u
    elif name.endswith("running_mean"):
        w = 0.1 * u
    elif name in ("cls_token", "pos_embed"):
        w = 0.5 * u
    elif len(shape) == 1 and name.endswith("weight"):
        w = 1 + 0.2 * u
    elif len(shape) == 1:
        w = 0.1 * u
    else:
        w = math.sqrt(3 / math.prod(shape[1:])) * u
    return w.astype(np.float32)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).reshape(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, d))


class Mlp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = Mlp(width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, 16, 16)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class VisionTransformer(nn.Module):
    """vit_small_patch16_224 with timm's names of parameters."""

    def __init__(self, side, width=384, depth=12, heads=6):
        super().__init__()
        self.patch_embed = PatchEmbed(width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, (side // 16) ** 2 + 1, width))
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x):
        x = self.patch_embed(x)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


def made(model, side):
    net = VisionTransformer(side) if model == "vitS16" else getattr(torchvision.models, model)(num_classes=CLASSES)
    state = {
        name: torch.tensor(weight(name, tuple(t.shape)))
        for name, t in net.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing)
    shapes = [(name, list(t.shape)) for name, t in state.items()]
    return net.double(), shapes


def images(batch, side):
    """Of [B, H, W, C] in the order that our tensors have."""
    nhwc = (2 * uniform("images", (batch, side, side, 3))).astype(np.float32)
    return torch.tensor(nhwc).double().permute(0, 3, 1, 2)


def logits(model, batch, side):
    net, shapes = made(model, side)
    with torch.no_grad():
        out = net.eval()(images(batch, side))
    print(model, side, "largest logit", out.abs().max().item())
    return {
        "model": model,
        "batch": batch,
        "side": side,
        "parameters": sum(p.numel() for p in net.parameters()),
        "tensors": shapes,
        "logits": [float(f"{v:.9g}") for v in out.flatten().tolist()],
    }


def step(model, batch, side, rate):
    """One step of SGD: the loss, and of each tensor the norm of its change and its product with a keyed direction."""
    net, _ = made(model, side)
    before = {name: t.clone() for name, t in net.state_dict().items()}
    optimizer = torch.optim.SGD(net.parameters(), lr=rate)
    labels = torch.arange(batch) % CLASSES
    loss = F.cross_entropy(net.train()(images(batch, side)), labels)
    loss.backward()
    optimizer.step()
    changes = {}
    for name, t in net.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        change = (t - before[name]).numpy()
        along = float((change * uniform(f"along/{name}", change.shape)).sum())
        changes[name] = [float(f"{v:.9g}") for v in (float(np.linalg.norm(change)), along)]
    print(model, "step: loss", loss.item())
    return {"model": model, "batch": batch, "side": side, "rate": rate, "loss": loss.item(), "changes": changes}


def pool(size, stride, padding):
    """A max pool of numbers below 0, over which a padding of zeros would win."""
    x = torch.tensor(uniform("pool", (2, 7, 6, 3)) - 2).permute(0, 3, 1, 2).requires_grad_()
    y = F.max_pool2d(x, size, stride, padding)
    dy = torch.tensor(uniform("pool/dy", tuple(y.permute(0, 2, 3, 1).shape))).permute(0, 3, 1, 2)
    (dx,) = torch.autograd.grad(y, x, dy)

    def out(t):
        t = t.detach().permute(0, 2, 3, 1)
        return {"shape": list(t.shape), "values": [float(f"{v:.9g}") for v in t.flatten().tolist()]}

    return {"size": size, "stride": stride, "padding": padding, "y": out(y), "dx": out(dx)}


OUT.write_text(
    json.dumps(
        {
            "pools": [pool(3, 2, 1), pool(2, 2, 1), pool(4, 1, 2)],
            "cases": [
                logits("resnet18", 1, 224),
                logits("resnet34", 2, 64),
                logits("resnet50", 2, 96),
                logits("vitS16", 2, 96),
            ],
            "step": step("resnet18", 4, 64, 0.05),
        }
    )
    + "\n"
)
