"""Golden vectors for the generative parts: python generate.py writes the JSON files beside it.

Layers, losses, penalties and augmentations from PyTorch; the judging of samples from NumPy and SciPy. Images are NHWC
and kernels HWIO; PyTorch gets them transposed.
"""
import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.set_num_threads(1)
rng = np.random.default_rng(11)


def rand(*shape):
    return torch.tensor(rng.standard_normal(shape).astype(np.float32))


def out(tensor):
    values = tensor.detach().numpy().astype(np.float32)
    return {"shape": list(values.shape), "values": [float(f"{v:.9g}") for v in values.ravel()]}


def with_gradients(inputs, f, fixed={}):
    """Forward, then the gradients of sum(y * dy) for a random dy."""
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in inputs.items()}
    y = f(**leaves, **fixed)
    dy = rand(*y.shape)
    (y * dy).sum().backward()
    return {
        "inputs": {name: out(tensor) for name, tensor in {**inputs, **fixed}.items()},
        "y": out(y),
        "dy": out(dy),
        "gradients": {name: out(leaf.grad) for name, leaf in leaves.items()},
    }


nchw = lambda x: x.permute(0, 3, 1, 2)
nhwc = lambda x: x.permute(0, 2, 3, 1)


def layers():
    cases = []

    def case(layer, options, golden):
        cases.append({"layer": layer, "options": options, **golden})

    case("leakyRelu", {}, with_gradients({"x": rand(3, 4, 2)}, lambda x: F.leaky_relu(x, 0.2)))
    case("leakyRelu", {"slope": 0.01}, with_gradients({"x": rand(3, 4)}, lambda x: F.leaky_relu(x, 0.01)))
    case("tanh", {}, with_gradients({"x": rand(3, 4)}, torch.tanh))
    case("sigmoid", {}, with_gradients({"x": rand(3, 4)}, torch.sigmoid))
    case("reshape", {"shape": [2, 2, 3]}, with_gradients({"x": rand(2, 12)}, lambda x: x.reshape(2, 2, 2, 3)))
    for factor in (2, 3):
        case("upsample", {"factor": factor}, with_gradients(
            {"x": rand(2, 3, 4, 2)}, lambda x: nhwc(F.interpolate(nchw(x), scale_factor=factor, mode="nearest"))))
    condition = torch.tensor([[1, 0, 0], [0, 0, 1], [0.25, 0.75, 0]], dtype=torch.float32)
    case("classEmbedding", {"classes": 3, "units": 2}, with_gradients(
        {"x": rand(3, 4), "kernel": rand(3, 2)},
        lambda x, kernel, condition: torch.cat([x, condition @ kernel], 1), {"condition": condition}))
    case("classAffine", {"classes": 3}, with_gradients(
        {"x": rand(3, 2, 2, 4), "scale": rand(3, 4), "shift": rand(3, 4)},
        lambda x, scale, shift, condition: x * (1 + condition @ scale)[:, None, None] + (condition @ shift)[:, None, None],
        {"condition": condition}))
    return cases


def coding():
    mean, log_variance, noise = rand(4, 5), 0.5 * rand(4, 5), rand(4, 5)
    prior = torch.distributions.Normal(torch.zeros(4, 5), torch.ones(4, 5))
    kl = with_gradients({"mean": mean, "logVariance": log_variance}, lambda mean, logVariance: torch.distributions.kl_divergence(
        torch.distributions.Normal(mean, (logVariance / 2).exp()), prior).sum(1).mean())
    drawn = with_gradients(
        {"mean": mean, "logVariance": log_variance}, lambda mean, logVariance, noise: mean + (logVariance / 2).exp() * noise, {"noise": noise})
    images = rand(2, 3, 3, 2)
    mse = with_gradients({"x": rand(2, 3, 3, 2)}, lambda x: F.mse_loss(x, images) / 2)
    mae = with_gradients({"x": rand(2, 3, 3, 2)}, lambda x: F.l1_loss(x, images))
    codes = rand(6, 4)
    # Rows 4 and 5 count for nothing: as if they had no partner.
    positive, negative = torch.tensor([1, 0, 3, 2, 0, 0]), torch.tensor([2, 3, 0, 1, 0, 0])
    triplet = with_gradients({"codes": codes}, lambda codes: F.triplet_margin_loss(
        codes[:4], codes[positive[:4]], codes[negative[:4]], margin=1.5))
    return {
        "divergence": kl, "reparameterize": drawn, "images": out(images), "mse": mse, "mae": mae,
        "triplet": {**triplet, "positive": positive.tolist(), "negative": negative.tolist(), "valid": [1, 1, 1, 1, 0, 0], "margin": 1.5},
    }


def adversarial():
    real, fake = rand(6), rand(6)
    scores = {"real": real, "fake": fake}
    losses = {
        "hinge": with_gradients(scores, lambda real, fake: F.relu(1 - real).mean() + F.relu(1 + fake).mean()),
        "wasserstein": with_gradients(scores, lambda real, fake: fake.mean() - real.mean()),
    }

    # Gradient penalty of a small critic: conv 4x4 of stride 2, leaky relu, dense; its gradient through the parameters.
    def penalty(normalize):
        leaves = {
            "kernel": (0.3 * rand(4, 4, 2, 3)).requires_grad_(),
            "bias": (0.1 * rand(3)).requires_grad_(),
            "head": (0.3 * rand(3 * 3 * 3, 1)).requires_grad_(),
        }
        x = rand(3, 6, 6, 2).requires_grad_()
        kernel = leaves["kernel"]
        stats = {}
        if normalize:
            matrix = kernel.reshape(-1, 3)
            u = F.normalize(rand(3), dim=0)
            v = F.normalize(matrix.detach() @ u, dim=0)
            stats = {"left": out(u), "right": out(v)}
            kernel = kernel / (v @ matrix @ u)
        # TensorFlow's 'same' for side 6, kernel 4, stride 2: one row before and one after.
        h = F.leaky_relu(F.conv2d(nchw(x), kernel.permute(3, 2, 0, 1), leaves["bias"], 2, 1), 0.2)
        score = nhwc(h).reshape(3, -1) @ leaves["head"]
        (slope,) = torch.autograd.grad(score.sum(), x, create_graph=True)
        value = ((slope.reshape(3, -1).norm(dim=1) - 1) ** 2).mean()
        value.backward()
        # A bias acts through the sign of leaky relu alone, whose slope is 0 wherever it exists.
        gradients = {name: leaf.grad if leaf.grad is not None else torch.zeros_like(leaf) for name, leaf in leaves.items()}
        return {
            "x": out(x), "params": {name: out(leaf) for name, leaf in leaves.items()}, "stats": stats,
            "penalty": value.item(), "gradients": {name: out(g) for name, g in gradients.items()},
        }

    return {"losses": losses, "penalty": penalty(False), "spectralPenalty": penalty(True)}


def augmentation():
    """DiffAugment's five operations (Zhao et al., 2020), with the draws given."""
    b, side = 4, 8
    draws = {
        "brightness": rand(b) * 0.2, "saturation": rand(b).abs(), "contrast": 0.5 + rand(b).abs().clamp(max=1),
        "down": torch.tensor([1, -1, 0, 1]), "right": torch.tensor([0, 1, -1, -1]),
        "top": torch.tensor([-2, 0, 3, 6]), "left": torch.tensor([1, 4, -1, 6]),
    }

    def apply(x):
        at = lambda name: draws[name].reshape(b, 1, 1, 1)
        x = x + at("brightness")
        mean = x.mean(3, keepdim=True)
        x = (x - mean) * at("saturation") + mean
        mean = x.mean((1, 2, 3), keepdim=True)
        x = (x - mean) * at("contrast") + mean
        moved = torch.zeros_like(x)
        rows = []
        for i in range(b):
            d, r = draws["down"][i].item(), draws["right"][i].item()
            padded = F.pad(x[i], (0, 0, 1, 1, 1, 1))
            rows.append(padded[1 - d:1 - d + side, 1 - r:1 - r + side])
        x = torch.stack(rows)
        mask = torch.ones(b, side, side, 1)
        for i in range(b):
            t, l = draws["top"][i].item(), draws["left"][i].item()
            mask[i, max(0, t):max(0, t + side // 2), max(0, l):max(0, l + side // 2)] = 0
        return x * mask

    golden = with_gradients({"x": rand(b, side, side, 3)}, apply)
    return {"draws": {name: d.tolist() for name, d in draws.items()}, **golden}


def judging():
    from scipy import linalg

    real = rng.standard_normal((40, 6)).astype(np.float32)
    fake = (1.3 * rng.standard_normal((30, 6)) + 0.4).astype(np.float32)
    few = fake[:4]  # fewer than features: a covariance without full rank

    def fid(a, b):
        a, b = a.astype(np.float64), b.astype(np.float64)
        c1, c2 = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
        root = linalg.sqrtm(c1 @ c2)
        return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(c1) + np.trace(c2) - 2 * np.trace(root.real))

    def kid(a, b):
        a, b = a.astype(np.float64), b.astype(np.float64)
        k = lambda x, y: (x @ y.T / x.shape[1] + 1) ** 3
        n, m = len(a), len(b)
        within = lambda g, n: (g.sum() - np.trace(g)) / (n * (n - 1))
        return float(within(k(a, a), n) + within(k(b, b), m) - 2 * k(a, b).mean())

    def covered(of, by, k=3):
        """The share of `of` inside the union of balls around `by`, each out to its k-th neighbor."""
        d = lambda x, y: np.sqrt(((x[:, None] - y[None]) ** 2).sum(-1))
        radii = np.sort(d(by, by), 1)[:, k]
        return float((d(of, by) <= radii).any(1).mean())

    symmetric = rng.standard_normal((7, 7))
    symmetric = symmetric @ symmetric.T
    return {
        "real": out(torch.tensor(real)), "fake": out(torch.tensor(fake)),
        "fid": fid(real, fake), "fidFew": fid(real, few), "few": 4, "kid": kid(real, fake),
        "precision": covered(fake, real), "recall": covered(real, fake),
        "symmetric": symmetric.ravel().tolist(), "eigenvalues": np.linalg.eigvalsh(symmetric).tolist(),
    }


for make in (layers, coding, adversarial, augmentation, judging):
    try:
        (HERE / f"{make.__name__}.json").write_text(json.dumps(make()) + "\n")
    except ImportError as error:
        sys.exit(f"{make.__name__}: {error}")
