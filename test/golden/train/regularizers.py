"""Golden vectors for layers that inject noise and for normalization: python regularizers.py writes the JSON beside it.

Where PyTorch or torchvision has the layer, it is run with its own generator, the mask is read off what it did,
and uniform numbers that give that mask are stored for rxaug to use; what has no counterpart there (DropConnect,
standout, variational Gaussian dropout, ShakeDrop, ghost batch norm) is transcribed from its paper, and PyTorch
differentiates the transcription. Images are NHWC.
"""
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
import torchvision.ops as tv

HERE = pathlib.Path(__file__).parent
torch.set_num_threads(1)
torch.manual_seed(11)
rng = np.random.default_rng(11)
cases = []


def rand(*shape):
    return torch.tensor(rng.standard_normal(shape).astype(np.float32))


def rand01(*shape):
    return torch.tensor(rng.random(shape).astype(np.float32))


def out(tensor):
    values = tensor.detach().numpy().astype(np.float32)
    return {"shape": list(values.shape), "values": [float(f"{v:.9g}") for v in values.ravel()]}


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def noise_for(keep, rate):
    """Uniform numbers u with u < 1 - rate exactly where keep."""
    u = rand01(*keep.shape)
    return torch.where(keep.bool(), u * (1 - rate) * 0.999, (1 - rate) + (u * 0.998 + 0.001) * rate)


def case(layer, options, inputs, f, inference, uniform=(), normal=(), fixed=(), loss=None, **more):
    """f gives y, or (y, loss); gradients are those of sum(y * dy) + loss."""
    leaves = {k: v.clone().requires_grad_() if k not in fixed else v for k, v in inputs.items()}
    y = f(**leaves)
    y, loss = y if isinstance(y, tuple) else (y, None)
    dy = rand(*y.shape)
    total = (y * dy).sum() + (0 if loss is None else loss)
    total.backward()
    cases.append({
        "layer": layer, "options": options,
        "inputs": {k: out(v) for k, v in inputs.items()},
        "uniform": [out(u) for u in uniform], "normal": [out(n) for n in normal],
        "y": out(y), "dy": out(dy),
        "gradients": {k: out(v.grad) for k, v in leaves.items() if k not in fixed},
        "inference": out(inference),
        **({} if loss is None else {"loss": loss.item()}), **more,
    })


def seeded(f):
    """The same draw of PyTorch's generator each time."""
    def run(*args, **kwargs):
        with torch.random.fork_rng():
            torch.manual_seed(5)
            return f(*args, **kwargs)
    return run


# --- with a counterpart
for rate in [0.2, 0.5]:
    x = rand(4, 6)
    torch_dropout = seeded(lambda x, rate=rate: F.dropout(x, rate, True))
    keep = torch_dropout(torch.ones(4, 6)) > 0
    u = noise_for(keep, rate)
    case("dropout", {"rate": rate}, {"x": x}, torch_dropout, x, [u])
    case("dropout", {"rate": rate, "form": "traditional"}, {"x": x}, lambda x: x * keep, x * (1 - rate), [u])

    torch_alpha = seeded(lambda x, rate=rate: F.alpha_dropout(x, rate, True))
    at0, at1 = torch_alpha(torch.zeros(4, 6)), torch_alpha(torch.ones(4, 6))
    case("alphaDropout", {"rate": rate}, {"x": x}, torch_alpha, x, [noise_for((at1 - at0) > 0, rate)])

    images = rand(3, 2, 2, 4)
    torch_spatial = seeded(lambda x, rate=rate: nhwc(F.dropout2d(nchw(x), rate, True)))
    keep2 = torch_spatial(torch.ones(3, 2, 2, 4))[:, :1, :1] > 0
    case("spatialDropout", {"rate": rate}, {"x": images}, torch_spatial, images, [noise_for(keep2, rate)])

    for mode, torch_mode in [("sample", "row"), ("batch", "batch")]:
        torch_depth = seeded(lambda x, m=torch_mode, rate=rate: tv.stochastic_depth(x, rate, m, True))
        keep3 = torch_depth(torch.ones(3, 1, 1, 1)) > 0
        keep3 = keep3 if mode == "sample" else keep3[:1]
        case("stochasticDepth", {"rate": rate, "mode": mode}, {"x": images}, torch_depth, images, [noise_for(keep3, rate)])
        case("stochasticDepth", {"rate": rate, "mode": mode, "form": "traditional"}, {"x": images},
             lambda x, k=keep3: x * k, images * (1 - rate), [noise_for(keep3, rate)])

    gauss = rand(4, 6)
    case("gaussianDropout", {"rate": rate}, {"x": x},
         lambda x, g=gauss, rate=rate: x * (1 + math.sqrt(rate / (1 - rate)) * g), x, normal=[gauss])

    tokens = rand(2, 5, 3)
    keep4 = rand01(2, 5, 1) < 1 - rate
    case("embeddingDropout", {"rate": rate}, {"x": tokens},
         lambda x, k=keep4, rate=rate: x * k / (1 - rate), tokens, [noise_for(keep4, rate)])

# torchvision pads odd blocks as the paper does; its Bernoulli draws are made by Tensor.bernoulli_.
for rate, size, side in [(0.3, 3, 7), (0.1, 5, 9)]:
    images = rand(2, side, side, 2)
    drawn = []
    bernoulli_ = torch.Tensor.bernoulli_

    def keep_draw(self, p):
        drawn.append((bernoulli_(self, p).clone(), p))
        return self

    torch.Tensor.bernoulli_ = keep_draw
    seeded(lambda: tv.drop_block2d(nchw(images), rate, size, training=True))()
    torch.Tensor.bernoulli_ = bernoulli_
    seeds, gamma = drawn[0]
    case("dropBlock", {"rate": rate, "size": size}, {"x": images},
         seeded(lambda x, r=rate, s=size: nhwc(tv.drop_block2d(nchw(x), r, s, training=True))), images,
         [1 - noise_for(nhwc(1 - seeds), gamma).clamp(1e-4, 1 - 1e-4)], gamma=gamma)

# One mask over the rows of the table, then a plain look-up: F.embedding on the masked table.
indices = torch.tensor([[0, 3, 3], [2, 0, 4]])
table, keep = rand(5, 3), torch.tensor([[1.0], [1.0], [0.0], [1.0], [0.0]])
case("embedding", {"vocabulary": 5, "units": 3, "rate": 0.4}, {"x": indices.float(), "kernel": table},
     lambda x, kernel: F.embedding(x.long(), kernel * keep / 0.6), F.embedding(indices, table),
     [noise_for(keep, 0.4)], fixed=("x",))

# nn.MultiheadAttention without dropout; with it, the transcription that equals it.
for rate in [0, 0.3]:
    T, D, H = 4, 6, 2
    x, qkv, qkv_bias, w_out, out_bias = rand(2, T, D), rand(D, 3 * D), rand(3 * D), rand(D, D), rand(D)
    keep = (rand01(2, H, T, T) < 1 - rate).float()

    def attend(x, qkv, qkvBias, out, outBias, keep=keep, rate=rate):
        q, k, v = ((x @ qkv + qkvBias).reshape(2, T, 3, H, D // H).permute(2, 0, 3, 1, 4))
        weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(D // H), -1) * keep / (1 - rate)
        return (weights @ v).permute(0, 2, 1, 3).reshape(2, T, D) @ out + outBias

    module = torch.nn.MultiheadAttention(D, H, batch_first=True)
    with torch.no_grad():
        module.in_proj_weight.copy_(qkv.T), module.in_proj_bias.copy_(qkv_bias)
        module.out_proj.weight.copy_(w_out.T), module.out_proj.bias.copy_(out_bias)
        plain = module(x, x, x)[0]
    assert torch.allclose(plain, attend(x, qkv, qkv_bias, w_out, out_bias, torch.ones(2, H, T, T), 0), atol=1e-5)
    case("attention", {"heads": H, "dropout": rate},
         {"x": x, "qkv": qkv, "qkvBias": qkv_bias, "out": w_out, "outBias": out_bias}, attend, plain,
         [noise_for(keep, rate)] if rate else [])

for shape in [(3, 5), (2, 3, 4, 6)]:
    x, scale, shift = 2 * rand(*shape) + 1, rand(shape[-1]), rand(shape[-1])
    case("layerNorm", {}, {"x": x, "scale": scale, "shift": shift},
         lambda x, scale, shift: F.layer_norm(x, x.shape[-1:], scale, shift),
         F.layer_norm(x, x.shape[-1:], scale, shift))
for groups in [1, 2, 6]:
    x, scale, shift = 2 * rand(2, 3, 4, 6) + 1, rand(6), rand(6)
    norm = lambda x, scale, shift, g=groups: nhwc(F.group_norm(nchw(x), g, scale, shift))
    case("groupNorm", {"groups": groups}, {"x": x, "scale": scale, "shift": shift}, norm, norm(x, scale, shift))

# --- from the papers
for masks in ["example", "step"]:
    for activation in ["relu", "linear"]:
        for inference in ["gaussian", "mean"]:
            p = 0.4
            x, w, b = rand(4, 5), rand(5, 3), rand(3)
            keep = (rand01(*((4, 5, 3) if masks == "example" else (5, 3))) < 1 - p).float()
            act = F.relu if activation == "relu" else (lambda z: z)
            mean = (1 - p) * x @ w + b
            calm = act(mean)
            if inference == "gaussian" and activation == "relu":
                # The paper's algorithm: sample the Gaussian, average the activation; here to its limit, by quadrature.
                sd = np.sqrt(p * (1 - p) * (x**2 @ w**2).numpy().astype(np.float64))
                grid = np.linspace(-9, 9, 200_001)
                weight = np.exp(-grid**2 / 2)
                weight /= weight.sum()
                flat = [float((np.maximum(m + s * grid, 0) * weight).sum()) for m, s in zip(mean.numpy().ravel(), sd.ravel())]
                calm = torch.tensor(np.array(flat, dtype=np.float32)).reshape(4, 3)

            def connect(x, kernel, bias, keep=keep, act=act):
                m = keep * kernel
                return act((torch.einsum("bd,bdu->bu", x, m) if m.ndim == 3 else x @ m) + bias)

            case("dropConnect", {"units": 3, "rate": p, "masks": masks, "activation": activation, "inference": inference},
                 {"x": x, "kernel": w, "bias": b}, connect, calm, [noise_for(keep, p)])

for alpha, beta, activation in [(1, 0, "relu"), (0.5, -1, "linear")]:
    x, w, b, u = rand(4, 5), rand(5, 3), rand(3), rand01(4, 3)
    act = F.relu if activation == "relu" else (lambda z: z)
    pi = torch.sigmoid(alpha * (x @ w + b) + beta)
    case("standout", {"units": 3, "alpha": alpha, "beta": beta, "activation": activation},
         {"x": x, "kernel": w, "bias": b},
         lambda x, kernel, bias, act=act: (u < pi).float() * act(x @ kernel + bias), pi * act(x @ w + b), [u])

c1, c2, c3 = 1.16145124, -1.50204118, 0.58629921
for per, n in [("unit", 6), ("layer", 1)]:
    x, log_alpha, gauss = rand(4, 6), -0.3 - rand01(n), rand(4, 6)

    def variational(x, logAlpha, per=per, gauss=gauss):
        a = torch.exp(logAlpha)
        minus_kl = 0.5 * logAlpha + c1 * a + c2 * a**2 + c3 * a**3 - (c1 + c2 + c3)
        return x * (1 + torch.sqrt(a) * gauss), -0.01 * (minus_kl.sum() if per == "unit" else 6 * minus_kl.sum())

    case("variationalGaussianDropout", {"per": per, "kl": 0.01}, {"x": x, "logAlpha": log_alpha}, variational, x, normal=[gauss])


class Shake(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, b, alpha, beta):
        ctx.save_for_backward(b, beta)
        return x * (b + alpha - b * alpha)

    @staticmethod
    def backward(ctx, dy):
        b, beta = ctx.saved_tensors
        return dy * (b + beta - b * beta), None, None, None


x, b, ua, beta = rand(5, 2, 2, 3), torch.tensor([1.0, 0, 0, 1, 0]).reshape(5, 1, 1, 1), rand01(5, 1, 1, 1), rand01(5, 1, 1, 1)
case("shakeDrop", {"rate": 0.3}, {"x": x}, lambda x: Shake.apply(x, b, 2 * ua - 1, beta), x * 0.7, [noise_for(b, 0.3), ua, beta])

for batch, size, parts in [(8, 4, (4, 4)), (7, 3, (3, 4)), (5, 8, (5,))]:
    x, scale, shift = 2 * rand(batch, 2, 3, 3) + 1, rand(3), rand(3)
    mean, variance = rand(3), rand(3).abs() + 0.5

    def ghost(x, scale, shift, parts=parts):
        return torch.cat([nhwc(F.batch_norm(nchw(p), None, None, scale, shift, True, 0, 1e-5)) for p in x.split(parts)])

    means, variances = [], []
    for part in x.split(parts):
        m, v = mean.clone(), variance.clone()
        F.batch_norm(nchw(part), m, v, None, None, True, 0.1, 1e-5)
        means.append(m), variances.append(v)
    case("ghostBatchNorm", {"size": size}, {"x": x, "scale": scale, "shift": shift}, ghost,
         nhwc(F.batch_norm(nchw(x), mean, variance, scale, shift, False, 0.1, 1e-5)),
         stats={"mean": out(mean), "variance": out(variance)},
         moved={"mean": out(torch.stack(means).mean(0)), "variance": out(torch.stack(variances).mean(0))})

(HERE / "regularizers.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
print(len(cases), "cases")
