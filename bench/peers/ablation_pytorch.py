"""The recipes of pipelines/ablation.ts in PyTorch, to compare gains and deviations: the same cumulative steps, ResNet-20 with zero-padding shortcuts, the same first weights' distributions, SGD with Nesterov
momentum, decoupled decay of kernels, the cosine of every step, augmentation by the same formulas, and the same
figures in the same JSON on stdout. What differs is the generator of random numbers, so runs agree in distribution.

  python ablation_pytorch.py --data DIR --seeds 3 [--epochs 24] [--steps bare,flipCrop] [--out runs.jsonl]

A run that is finished is a line of --out; started again with the same file, it is skipped.
"""

import argparse
import copy
import glob
import io
import json
import math
import os
import statistics
import sys
import tarfile
import time

# Threads that spin while they wait take the cores from others on a busy machine; PyTorch reads it once.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

STEPS = {
    "bare": {},
    "flipCrop": {"flipCrop": True},
    "weightDecay": {"weightDecay": 5e-3},
    "labelSmoothing": {"labelSmoothing": 0.1},
    "cutout": {"cutout": 4},
    "mixup": {"mixup": 0.1},
    "ema": {"ema": 0.99},
    "stochasticDepth": {"stochasticDepth": 0.02},
    "dropout": {"dropout": 0.05},
}
MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).view(1, 3, 1, 1)
STD = torch.tensor([0.247, 0.2435, 0.2616]).view(1, 3, 1, 1)


class Block(nn.Module):
    def __init__(self, cin, cout, stride, drop):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(cout)
        self.widen, self.drop = cout - cin, drop

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        y = self.norm2(self.conv2(y))
        if self.training and self.drop > 0:  # stochastic depth, inverted, a draw a sample
            y = y * ((torch.rand(len(y), 1, 1, 1) < 1 - self.drop).float() / (1 - self.drop))
        if self.widen:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.widen // 2, self.widen - self.widen // 2))
        return F.relu(y + x, inplace=True)


def resnet(depth, recipe, classes=10):
    n, last = (depth - 2) // 6, recipe.get("stochasticDepth", 0)
    blocks, cin = [], 16
    for stage, cout in enumerate((16, 32, 64)):
        for i in range(n):
            nth = stage * n + i + 1
            blocks.append(Block(cin, cout, 2 if stage and not i else 1, last * nth / (3 * n)))
            cin = cout
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(recipe.get("dropout", 0)), nn.Linear(64, classes)]
    stem = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True)]
    model = nn.Sequential(*stem, *blocks, *head)
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=module.in_features**-0.5)
            nn.init.zeros_(module.bias)
    return model.to(memory_format=torch.channels_last)


def read(folder, split):
    """Images [N, 3, 32, 32] uint8 and labels [N] of tar shards."""
    images, labels = {}, {}
    for path in sorted(glob.glob(os.path.join(folder, f"{split}-*.tar"))):
        with tarfile.open(path) as tar:
            for member in tar:
                stem, _, kind = member.name.rpartition(".")
                key = (path, stem)
                if kind in ("jpg", "jpeg", "png"):
                    picture = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("RGB")
                    images[key] = np.asarray(picture).transpose(2, 0, 1)
                elif kind == "cls":
                    labels[key] = int(tar.extractfile(member).read())
    if not images:
        sys.exit(f"ablation_pytorch: no {split}-*.tar with images in {folder}; check --data")
    keys = [key for key in images if key in labels]
    return torch.tensor(np.stack([images[key] for key in keys])), torch.tensor([labels[key] for key in keys])


def few(labels, per_class, generator):
    order = torch.randperm(len(labels), generator=generator)
    return torch.cat([order[labels[order] == c][:per_class] for c in range(10)])


def crop_flip(x):
    """Of each image a window of its own out of four reflected pixels on each side, flipped half of the time."""
    B = len(x)
    padded = F.pad(x, (4, 4, 4, 4), mode="reflect")
    dy, dx = torch.randint(0, 9, (B, 1, 1)), torch.randint(0, 9, (B, 1, 1))
    columns = torch.arange(32).view(1, 1, 32).expand(B, 1, 32)
    columns = torch.where(torch.rand(B, 1, 1) < 0.5, 31 - columns, columns) + dx
    rows = torch.arange(32).view(1, 32, 1) + dy
    return padded[torch.arange(B).view(B, 1, 1), :, rows, columns].permute(0, 3, 1, 2)


def cover(x, size):
    """Squares with centers anywhere in the image, filled with the mean color, 0."""
    top = torch.randint(0, 32, (len(x), 1, 1, 1)) - size // 2
    left = torch.randint(0, 32, (len(x), 1, 1, 1)) - size // 2
    rows, columns = torch.arange(32).view(1, 1, 32, 1), torch.arange(32).view(1, 1, 1, 32)
    inside = (rows >= top) & (rows < top + size) & (columns >= left) & (columns < left + size)
    return x.masked_fill(inside, 0)


def mix(x, y, alpha):
    """Rows in pairs, each its partner's partner; one λ for the batch."""
    order = torch.randperm(len(x))
    partner = torch.arange(len(x))
    a, b = order[0 : len(x) // 2 * 2 : 2], order[1::2]
    partner[a], partner[b] = b, a
    lam = np.random.beta(alpha, alpha)
    return lam * x + (1 - lam) * x[partner], lam * y + (1 - lam) * y[partner]


def rate_at(progress, peak, warmup=0.05):
    if progress < warmup:
        return peak * progress / warmup
    return peak * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2


def measure(model, images, labels):
    model.eval()
    right = loss = 0
    judged = []
    with torch.no_grad():
        for i in range(0, len(images), 250):
            x = ((images[i : i + 250].float() / 255 - MEAN) / STD).contiguous(memory_format=torch.channels_last)
            logits = model(x)
            right += (logits.argmax(1) == labels[i : i + 250]).sum().item()
            loss += F.cross_entropy(logits, labels[i : i + 250], reduction="sum").item()
            confidence, guess = logits.softmax(1).max(1)
            judged.append(torch.stack([confidence, (guess == labels[i : i + 250]).float()]))
    return right / len(images), loss / len(images), calibration(torch.cat(judged, 1))


def calibration(judged, bins=15):
    """Expected calibration error (Guo et al., 2017) of confidences and hits."""
    bin_of = (judged[0] * bins).ceil().long().sub(1).clamp(0, bins - 1)
    apart = torch.zeros(bins).index_add(0, bin_of, judged[1] - judged[0])
    return (apart.abs().sum() / judged.shape[1]).item()


def train(recipe, seed, train_set, test_set, args):
    torch.manual_seed(seed)
    np.random.seed(seed)
    chosen = few(train_set[1], args.perClass, torch.Generator().manual_seed(seed))  # of every step the same
    images, labels = train_set[0][chosen], train_set[1][chosen]
    model = resnet(args.depth, recipe)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.learningRate, momentum=0.9, nesterov=True)
    kernels = [m.weight for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    average = copy.deepcopy(model) if "ema" in recipe else None
    steps, began, done = len(images) // args.batch, time.perf_counter(), 0
    for epoch in range(args.epochs):
        model.train()
        order = torch.randperm(len(images))
        for i in range(steps):
            rows = order[i * args.batch : (i + 1) * args.batch]
            x, y = images[rows].float() / 255, F.one_hot(labels[rows], 10).float()
            if "flipCrop" in recipe:
                x = crop_flip(x)
            x = (x - MEAN) / STD
            if "cutout" in recipe:
                x = cover(x, recipe["cutout"])
            if "mixup" in recipe:
                x, y = mix(x, y, recipe["mixup"])
            rate = rate_at((epoch + i * args.batch / len(images)) / args.epochs, args.learningRate)
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad(set_to_none=True)
            logits = model(x.contiguous(memory_format=torch.channels_last))
            loss = F.cross_entropy(logits, y, label_smoothing=recipe.get("labelSmoothing", 0))
            loss.backward()
            with torch.no_grad():
                for kernel in kernels:
                    kernel.mul_(1 - rate * recipe.get("weightDecay", 0))
            optimizer.step()
            done += 1
            if average:
                follow(average, model, min(recipe["ema"], 1 - (1 + done) ** (-2 / 3)))
        print(f"  epoch {epoch + 1}/{args.epochs} loss {loss.item():.3f}", end="\r", file=sys.stderr)
    final = average or model
    test, test_loss, test_ece = measure(final, *test_set)
    clean, clean_loss, _ = measure(final, images, labels)
    return {
        "testAccuracy": test,
        "testLoss": test_loss,
        "testEce": test_ece,
        "trainAccuracy": clean,
        "trainLoss": clean_loss,
        "gap": clean - test,
        "seconds": time.perf_counter() - began,
    }


@torch.no_grad()
def follow(average, model, decay):
    for old, new in zip(average.state_dict().values(), model.state_dict().values()):
        if old.is_floating_point():
            old.lerp_(new, 1 - decay)


def spread(values):
    if not values:
        return None
    figure = {"count": len(values), "mean": statistics.fmean(values)}
    return figure if len(values) == 1 else {**figure, "deviation": statistics.stdev(values)}


def ladder(names, outcomes):
    """outcomes[step][seed]; the same lines as pipelines/ablation.ts gives."""
    lines = []
    for i, name in enumerate(names):
        of = lambda step, figure: {seed: o[figure] for seed, o in outcomes.get(step, {}).items()}
        mine = of(name, "testAccuracy")
        gain = lambda step: spread([v - of(step, "testAccuracy")[s] for s, v in mine.items() if s in of(step, "testAccuracy")])
        line = {
            "step": name if i == 0 else f"+ {name}",
            "test": spread(list(mine.values())),
            "testLoss": spread(list(of(name, "testLoss").values())),
            "train": spread(list(of(name, "trainAccuracy").values())),
            "gap": spread(list(of(name, "gap").values())),
            "ece": spread(list(of(name, "testEce").values())),
        }
        if i:
            line["gain"], line["overall"] = gain(names[i - 1]), gain(names[0])
        lines.append({**line, "values": {str(seed): value for seed, value in mine.items()}})
    return lines


def main():
    parser = argparse.ArgumentParser(description="The recipes of pipelines/ablation.ts in PyTorch.")
    parser.add_argument("--data", required=True, help="folder of train-*.tar and test-*.tar")
    parser.add_argument("--steps", default=",".join(STEPS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--perClass", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--learningRate", type=float, default=0.05)
    parser.add_argument("--depth", type=int, default=20)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--out", help="a JSON line a finished run")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    names = args.steps.split(",")
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        sys.exit(f"ablation_pytorch: unknown step '{unknown[0]}'; known are {', '.join(STEPS)}")
    shared = {name: getattr(args, name) for name in ("data", "perClass", "epochs", "batch", "learningRate", "depth")}
    outcomes = {}
    kept = open(args.out).read().splitlines() if args.out and os.path.exists(args.out) else []
    finished = {json.dumps(line["recipe"]) + str(line["seed"]): line for line in map(json.loads, kept)}
    train_set, test_set = read(args.data, "train"), read(args.data, "test")
    recipes, recipe = {}, {}
    for name in names:
        recipes[name] = recipe = {**recipe, **STEPS[name]}
    # Of each seed the first and the last step before the others, for what all of them gain together.
    for seed in range(args.seed, args.seed + args.seeds):
        for name in sorted(names, key=lambda name: name not in (names[0], names[-1])):
            recipe = recipes[name]
            line = finished.get(json.dumps({**shared, **recipe}) + str(seed))
            if line is None:
                outcome = train(recipe, seed, train_set, test_set, args)
                line = {"step": name, "seed": seed, "recipe": {**shared, **recipe}, "result": outcome}
                if args.out:
                    with open(args.out, "a") as file:
                        file.write(json.dumps(line) + "\n")
                print(f"{name}-{seed}: test {100 * outcome['testAccuracy']:.1f} %, {outcome['seconds']:.0f} s", file=sys.stderr)
            outcomes.setdefault(name, {})[seed] = line["result"]
    settings = {**shared, "steps": names, "seeds": args.seeds}
    print(json.dumps({"settings": settings, "torch": torch.__version__, "steps": ladder(names, outcomes)}))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
