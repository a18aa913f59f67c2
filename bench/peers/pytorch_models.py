"""Networks of the training cases in PyTorch, layer for layer those of rxaug, with the same distributions of first weights."""

import torch
from torch import nn
from torch.nn import functional as F


def drawn(model):
    """N(0, 2/fanIn) for convolutions, N(0, 1/fanIn) for dense layers, biases 0, as rxaug's own."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, nn.Linear):
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
        if isinstance(module, (nn.Conv2d, nn.Linear)) and module.bias is not None:
            nn.init.zeros_(module.bias)
    return model


def parameters_of(*models):
    return sum(p.numel() for model in models for p in model.parameters())


def groups(model, decay):
    """Kernels decay; biases, normalization, and what is learned for itself (`undecayed`) do not."""
    spared = {id(p) for p in getattr(model, "undecayed", list)()}
    kernels = [p for p in model.parameters() if p.ndim > 1 and id(p) not in spared]
    chosen = {id(p) for p in kernels}
    others = [p for p in model.parameters() if id(p) not in chosen]
    return [{"params": kernels, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def conv3x3(cin, cout, stride=1):
    return nn.Conv2d(cin, cout, 3, stride, 1, bias=False)


class Block(nn.Module):
    def __init__(self, cin, cout, stride, drop=0.0):
        super().__init__()
        self.conv1 = conv3x3(cin, cout, stride)
        self.norm1 = nn.BatchNorm2d(cout)
        self.conv2 = conv3x3(cout, cout)
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
    """He et al. 2015, CIFAR form, projection-free shortcuts."""
    widths = [(16, 16, 1)] * 3 + [(16, 32, 2)] + [(32, 32, 1)] * 2 + [(32, 64, 2)] + [(64, 64, 1)] * 2
    stem = [conv3x3(3, 16), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
    drops = [nn.Dropout(dropout)] if dropout > 0 else []
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), *drops, nn.Linear(64, classes)]
    blocks = [Block(*w, depth * (i + 1) / len(widths)) for i, w in enumerate(widths)]
    return nn.Sequential(*stem, *blocks, *head)


class WideBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(cin)
        self.conv1 = conv3x3(cin, cout, stride)
        self.norm2 = nn.BatchNorm2d(cout)
        self.conv2 = conv3x3(cout, cout)
        self.shortcut = None if cin == cout and stride == 1 else nn.Conv2d(cin, cout, 1, stride, bias=False)

    def forward(self, x):
        h = F.relu(self.norm1(x))  # not in place: x is the shortcut
        y = self.conv2(F.relu(self.norm2(self.conv1(h)), inplace=True))
        return y + (x if self.shortcut is None else self.shortcut(h))


def wide_resnet(depth, width, classes=10):
    """Zagoruyko and Komodakis 2016."""
    each, layers, channels = (depth - 4) // 6, [conv3x3(3, 16)], 16
    for stage in range(3):
        filters = 16 * width * 2**stage
        for i in range(each):
            layers.append(WideBlock(channels, filters, 2 if stage and i == 0 else 1))
            channels = filters
    last = [nn.BatchNorm2d(channels), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, *last, nn.Linear(channels, classes))


def small_cnn(filters=(32, 64, 128), classes=10):
    layers, channels = [], 3
    for width in filters:
        layers += [conv3x3(channels, width), nn.BatchNorm2d(width), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.qkv, self.out, self.heads = nn.Linear(width, 3 * width), nn.Linear(width, width), heads

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, d))


class Encoder(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(width, eps=1e-6), Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Vit(nn.Module):
    """Dosovitskiy et al. 2021, sized for small images."""

    def __init__(self, side=32, patch=4, width=128, depth=6, heads=4, ratio=2, classes=10):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, patch)
        self.token = nn.Parameter(0.02 * torch.randn(1, 1, width))
        self.position = nn.Parameter(0.02 * torch.randn(1, (side // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(Encoder(width, heads, ratio * width) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, classes)

    def undecayed(self):
        return [self.token, self.position]

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.position
        return self.head(self.norm(self.blocks(x))[:, 0])
