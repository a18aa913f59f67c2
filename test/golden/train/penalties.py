"""Golden values of penalties, losses and steps, from PyTorch: python penalties.py writes the JSON beside it.

Adaptive clipping and SAM, which PyTorch lacks, are transcribed from their papers.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

HERE = pathlib.Path(__file__).parent
torch.set_num_threads(1)
torch.manual_seed(3)
rng = np.random.default_rng(3)


def rand(*shape):
    return torch.tensor(rng.standard_normal(shape).astype(np.float32))


def out(tensor):
    values = tensor.detach().numpy().astype(np.float32)
    return {"shape": list(values.shape), "values": [float(f"{v:.9g}") for v in values.ravel()]}


def graded(f, *leaves):
    own = [leaf.clone().requires_grad_() for leaf in leaves]
    value = f(*own)
    value.backward()
    return {"value": value.item(), "gradients": [out(leaf.grad) for leaf in own]}


def excess(w):
    m = w.reshape(-1, w.shape[-1])
    gram = m.T @ m if m.shape[0] >= m.shape[1] else m @ m.T
    return ((gram - torch.eye(len(gram))) ** 2).sum()


result = {"penalties": [], "projections": []}
for shape in [(6, 4), (3, 5), (3, 3, 2, 4)]:
    w = rand(*shape)
    w.view(-1)[1] = 0  # sign(0) = 0
    for config, f in [
        ({"penalty": "l1", "lambda": 0.3}, lambda w: 0.3 * w.abs().sum()),
        ({"penalty": "l2", "lambda": 0.3}, lambda w: 0.15 * (w**2).sum()),
        ({"penalty": "elasticNet", "l1": 0.2, "l2": 0.1}, lambda w: 0.2 * w.abs().sum() + 0.1 * (w**2).sum()),
        ({"penalty": "orthogonal", "lambda": 0.1}, lambda w: 0.1 * excess(w)),
        ({"penalty": "spectral", "lambda": 0.4, "iterations": 200},
         lambda w: 0.2 * torch.linalg.matrix_norm(w.reshape(-1, w.shape[-1]), 2) ** 2),
    ]:
        result["penalties"].append({"config": config, "w": out(w), **graded(f, w)})
    result["projections"].append({"config": {"penalty": "maxNorm", "limit": 1.2}, "w": out(w), "y": out(
        torch.renorm(w.reshape(-1, shape[-1]), 2, 1, 1.2).reshape(shape))})
    result["projections"].append({"config": {"penalty": "l1", "lambda": 0.5, "form": "proximal"}, "w": out(w),
                                  "y": out(F.softshrink(w, 0.1 * 0.5))})  # learning rate 0.1

a, b, teacher = 2 * rand(5, 4), 2 * rand(5, 4), 2 * rand(5, 4)
log = F.log_softmax
kl = lambda p, q: F.kl_div(log(q, -1), log(p, -1), reduction="batchmean", log_target=True)
result["losses"] = {
    "a": out(a), "b": out(b), "teacher": out(teacher), "temperature": 3,
    "entropy": graded(lambda a: torch.distributions.Categorical(logits=a).entropy().mean(), a),
    "rDrop": graded(lambda a, b: 0.5 * (kl(a, b) + kl(b, a)), a, b),
    "distillation": graded(
        lambda a: 9 * F.kl_div(log(a / 3, -1), log(teacher / 3, -1), reduction="batchmean", log_target=True), a),
}

linear = torch.nn.Linear(5, 3)
w, bias, x, dy = rand(5, 3), rand(3), rand(4, 5), rand(4, 3)
normed = torch.nn.utils.parametrizations.spectral_norm(linear)
with torch.no_grad():
    normed.bias.copy_(bias)
    normed.parametrizations.weight.original.copy_(w.T)
    p = normed.parametrizations.weight[0]
    # PyTorch's rows are units: its u is ours on the left of the units.
    p._u.copy_(F.normalize(torch.ones(3), dim=0)), p._v.copy_(F.normalize(torch.ones(5), dim=0))
xs = x.clone().requires_grad_()
y = normed(xs)
(y * dy).sum().backward()
kernel_grad = normed.parametrizations.weight.original.grad.T
u, v = p._u.clone(), p._v.clone()
normed.eval()
result["spectralNorm"] = {
    "x": out(x), "kernel": out(w), "bias": out(bias), "dy": out(dy), "y": out(y), "dx": out(xs.grad),
    "dkernel": out(kernel_grad), "left": out(u), "right": out(v), "inference": out(normed(x)),
}

grads, params = [0.1 * rand(3, 3, 2, 4), rand(4), rand(6, 3)], [rand(3, 3, 2, 4), 1e-5 * rand(4), rand(6, 3)]
clipped = []
for g, w in zip(grads, params):
    axes = tuple(range(g.ndim - 1)) if g.ndim > 1 else (0,)
    norm = lambda t: torch.sqrt((t**2).sum(axes, keepdim=True))
    limit = norm(w).clamp(min=1e-3) * 0.05
    clipped.append(torch.where(norm(g) > limit, g * limit / norm(g), g))
result["adaptiveClip"] = {"gradients": [out(g) for g in grads], "params": [out(p) for p in params], "clipped": [out(c) for c in clipped]}

# Logistic regression: SAM and the average of weights, 8 steps of plain SGD.
x, y, w0 = rand(16, 6), torch.tensor([i % 3 for i in range(16)]), 0.3 * rand(6, 3)
sam = w0.clone()
losses = []
for _ in range(8):
    def grad_at(w):
        leaf = w.clone().requires_grad_()
        loss = F.cross_entropy(x @ leaf, y)
        loss.backward()
        return loss.item(), leaf.grad
    loss, g = grad_at(sam)
    losses.append(loss)
    _, g = grad_at(sam + 0.5 * g / g.norm())
    sam = sam - 0.3 * g
module = torch.nn.Linear(6, 3, bias=False)
with torch.no_grad():
    module.weight.copy_(w0.T)
average = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(0.8))
average.update_parameters(module)  # the first only copies
for _ in range(8):
    module.zero_grad()
    F.cross_entropy(module(x), y).backward()
    with torch.no_grad():
        module.weight -= 0.3 * module.weight.grad
    average.update_parameters(module)
result["steps"] = {"x": out(x), "labels": y.tolist(), "w": out(w0), "sam": out(sam), "losses": losses,
                   "plain": out(module.weight.T), "ema": out(average.module.weight.T)}

(HERE / "penalties.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
