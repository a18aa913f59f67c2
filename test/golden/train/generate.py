"""Golden vectors for layers, losses and optimizers, from PyTorch: python generate.py writes the JSON files beside it.

Images are NHWC and kernels HWIO here, as in rxaug; PyTorch gets them transposed. Numbers that need no file are
made on both sides by wave(n, phase): sin(0.37 i + phase) in float64, rounded to float32.
"""
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.set_num_threads(1)
rng = np.random.default_rng(7)


def rand(*shape):
    return torch.tensor(rng.standard_normal(shape).astype(np.float32))


def wave(n, phase, scale=1.0):
    return torch.tensor(np.array([scale * math.sin(0.37 * i + phase) for i in range(n)], dtype=np.float32))


def out(tensor):
    values = tensor.detach().numpy().astype(np.float32)
    return {"shape": list(values.shape), "values": [float(f"{v:.9g}") for v in values.ravel()]}


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def oihw(w):
    return w.permute(3, 2, 0, 1)


def with_gradients(inputs, f):
    """Forward, then the gradients of sum(y * dy) for a random dy."""
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in inputs.items()}
    y = f(**leaves)
    dy = rand(*y.shape)
    (y * dy).sum().backward()
    return {
        "inputs": {name: out(tensor) for name, tensor in inputs.items()},
        "y": out(y),
        "dy": out(dy),
        "gradients": {name: out(leaf.grad) for name, leaf in leaves.items()},
    }


def layers():
    cases = []

    def case(layer, options, golden, **more):
        cases.append({"layer": layer, "options": options, **golden, **more})

    case("dense", {"units": 3}, with_gradients(
        {"x": rand(4, 5), "kernel": rand(5, 3), "bias": rand(3)},
        lambda x, kernel, bias: x @ kernel + bias))

    for side, kernel, stride, padding, bias in [
        (6, 3, 1, 1, True), (6, 3, 2, 1, False), (7, 3, 2, 1, False), (6, 1, 2, 0, False), (5, 3, 1, 0, True), (7, 5, 2, 2, False),
    ]:
        inputs = {"x": rand(2, side, side, 2), "kernel": rand(kernel, kernel, 2, 3)}
        if bias:
            inputs["bias"] = rand(3)
        case("conv2d", {"filters": 3, "kernel": kernel, "stride": stride, "padding": padding, "bias": bias}, with_gradients(
            inputs, lambda x, kernel, bias=None: nhwc(F.conv2d(nchw(x), oihw(kernel), bias, stride, padding))))

    for shape in [(4, 3, 5, 3), (6, 4)]:
        mean, variance = rand(shape[-1]), rand(shape[-1]).abs() + 0.5
        moved = mean.clone(), variance.clone()

        def norm(x, scale, shift):
            images = nchw(x) if x.ndim == 4 else x
            y = F.batch_norm(images, moved[0], moved[1], scale, shift, True, 0.1, 1e-5)
            return nhwc(y) if x.ndim == 4 else y

        golden = with_gradients({"x": 3 * rand(*shape) + 1, "scale": rand(shape[-1]), "shift": rand(shape[-1])}, norm)
        x = torch.tensor(golden["inputs"]["x"]["values"]).reshape(shape)
        scale, shift = (torch.tensor(golden["inputs"][k]["values"]) for k in ("scale", "shift"))
        images = nchw(x) if x.ndim == 4 else x
        frozen = F.batch_norm(images, mean, variance, scale, shift, False, 0.1, 1e-5)
        case("batchNorm", {}, golden,
             stats={"mean": out(mean), "variance": out(variance)},
             moved={"mean": out(moved[0]), "variance": out(moved[1])},
             inference=out(nhwc(frozen) if x.ndim == 4 else frozen))

    case("relu", {}, with_gradients({"x": rand(2, 3, 4)}, lambda x: F.relu(x)))
    for size, stride in [(2, 2), (3, 2), (2, 1)]:
        case("maxPool", {"size": size, "stride": stride}, with_gradients(
            {"x": rand(2, 7, 6, 2)}, lambda x: nhwc(F.max_pool2d(nchw(x), size, stride))))
        case("avgPool", {"size": size, "stride": stride}, with_gradients(
            {"x": rand(2, 7, 6, 2)}, lambda x: nhwc(F.avg_pool2d(nchw(x), size, stride))))
    case("globalPool", {}, with_gradients({"x": rand(2, 3, 4, 2)}, lambda x: x.mean((1, 2))))
    case("globalPool", {"mode": "max"}, with_gradients({"x": rand(2, 3, 4, 2)}, lambda x: x.amax((1, 2))))
    case("flatten", {}, with_gradients({"x": rand(2, 3, 2, 2)}, lambda x: x.reshape(2, -1)))
    case("subsample", {"filters": 5}, with_gradients(
        {"x": rand(2, 5, 4, 2)}, lambda x: F.pad(x[:, ::2, ::2], (1, 2))))
    return cases


def losses():
    logits = 2 * rand(5, 4)
    hard = torch.tensor([0, 3, 1, 1, 2])
    soft = torch.tensor(rng.dirichlet(np.ones(4), 5).astype(np.float32))
    cases = []
    for name, target in [("hard", F.one_hot(hard, 4).float()), ("soft", soft)]:
        for epsilon in [0, 0.1, 0.3]:
            leaf = logits.clone().requires_grad_()
            # PyTorch's own smoothing, from indices where it can be.
            F.cross_entropy(leaf, hard if name == "hard" else target, label_smoothing=epsilon).backward()
            loss = F.cross_entropy(logits, hard if name == "hard" else target, label_smoothing=epsilon)
            cases.append({"targets": out(target), "form": "uniform", "epsilon": epsilon, "loss": loss.item(), "gradient": out(leaf.grad)})
        epsilon = 0.2
        leaf = logits.clone().requires_grad_()
        smoothed = target * (1 - epsilon) + (1 - target) * epsilon / 3
        loss = -(smoothed * F.log_softmax(leaf, -1)).sum(-1).mean()
        loss.backward()
        cases.append({"targets": out(target), "form": "off-class", "epsilon": epsilon, "loss": loss.item(), "gradient": out(leaf.grad)})
    return {"logits": out(logits), "cases": cases}


class Tiny(torch.nn.Module):
    """conv 3x3 (stride 2) - batch norm - relu - flatten in NHWC order - dense."""

    def __init__(self):
        super().__init__()
        self.kernel = torch.nn.Parameter(wave(3 * 3 * 2 * 3, 0.1, 0.5).reshape(3, 3, 2, 3))
        self.scale = torch.nn.Parameter(torch.ones(3))
        self.shift = torch.nn.Parameter(torch.zeros(3))
        self.head = torch.nn.Parameter(wave(27 * 4, 0.2, 0.3).reshape(27, 4))
        self.bias = torch.nn.Parameter(torch.zeros(4))
        self.mean, self.variance = torch.zeros(3), torch.ones(3)

    def forward(self, x):
        h = F.conv2d(nchw(x), oihw(self.kernel), None, 2, 1)
        h = F.batch_norm(h, self.mean, self.variance, self.scale, self.shift, True, 0.1, 1e-5)
        return nhwc(F.relu(h)).reshape(x.shape[0], -1) @ self.head + self.bias


def training():
    """20 steps; decay on the two kernels only; batches by wave(), so that no file holds them."""
    runs = []
    for name, make, clip, smoothing in [
        ("sgd", lambda decay, spare: torch.optim.SGD(
            [{"params": decay, "weight_decay": 0.01}, {"params": spare, "weight_decay": 0}], lr=0.05, momentum=0.9), None, 0),
        ("sgd-nesterov", lambda decay, spare: torch.optim.SGD(
            [{"params": decay, "weight_decay": 0.01}, {"params": spare, "weight_decay": 0}], lr=0.05, momentum=0.9, nesterov=True), 1.0, 0.1),
        ("adam-l2", lambda decay, spare: torch.optim.Adam(
            [{"params": decay, "weight_decay": 0.01}, {"params": spare, "weight_decay": 0}], lr=0.01), None, 0),
        ("adamw", lambda decay, spare: torch.optim.AdamW(
            [{"params": decay, "weight_decay": 0.05}, {"params": spare, "weight_decay": 0}], lr=0.01), None, 0.1),
    ]:
        net = Tiny()
        optimizer = make([net.kernel, net.head], [net.scale, net.shift, net.bias])
        losses = []
        for step in range(20):
            x = wave(8 * 6 * 6 * 2, 1.3 * step).reshape(8, 6, 6, 2)
            y = torch.tensor([(i * i + step) % 4 for i in range(8)])
            loss = F.cross_entropy(net(x), y, label_smoothing=smoothing)
            optimizer.zero_grad()
            loss.backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
            optimizer.step()
            losses.append(loss.item())
        state = {
            "conv/kernel": net.kernel, "norm/scale": net.scale, "norm/shift": net.shift,
            "head/kernel": net.head, "head/bias": net.bias, "norm/mean": net.mean, "norm/variance": net.variance,
        }
        runs.append({"name": name, "losses": losses, "state": {k: out(v) for k, v in state.items()}})
    return runs


def resnet(shortcut):
    """ResNet-8 of width 4 on 8x8 images in training mode; parameter k in order of declaration is wave(n, k)."""
    count = 0

    def parameter(shape, scale):
        nonlocal count
        count += 1
        return wave(math.prod(shape), count, scale).reshape(shape)

    def conv(x, filters, kernel, stride):
        w = parameter((kernel, kernel, x.shape[1], filters), 0.3)
        return F.conv2d(x, oihw(w), None, stride, kernel // 2)

    def norm(x):
        scale, shift = 1 + parameter((x.shape[1],), 0.2), parameter((x.shape[1],), 0.2)
        return F.batch_norm(x, None, None, scale, shift, True, 0.1, 1e-5)

    x = nchw(wave(4 * 8 * 8 * 3, 0.5).reshape(4, 8, 8, 3))
    h = F.relu(norm(conv(x, 4, 3, 1)))
    for filters, stride in [(4, 1), (8, 2), (16, 2)]:
        y = F.relu(norm(conv(h, filters, 3, stride)))
        y = norm(conv(y, filters, 3, 1))
        if stride > 1:
            missing = filters - h.shape[1]
            h = (F.pad(h[:, :, ::2, ::2], (0, 0, 0, 0, missing // 2, missing - missing // 2)) if shortcut == "A"
                 else norm(conv(h, filters, 1, 2)))
        h = F.relu(y + h)
    logits = h.mean((2, 3)) @ parameter((16, 5), 0.3) + parameter((5,), 0.3)
    return {"shortcut": shortcut, "logits": out(logits)}


def write(name, data):
    (HERE / name).write_text(json.dumps(data, separators=(",", ":")) + "\n")


write("layers.json", layers())
write("losses.json", losses())
write("training.json", training())
write("resnet.json", [resnet("A"), resnet("B")])
