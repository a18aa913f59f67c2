"""Golden vectors for recurrent layers, transformers, shared and unshared weights and shaken branches: python
networks.py writes networks.json beside it.

PyTorch's own modules (nn.LSTM, nn.GRU, nn.GELU, …) wherever it has them; what it has not is written with its
operations. Images are NHWC and kernels HWIO, as in rxaug; noise is stored, for rxaug to use it.
"""
import json
import pathlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.set_num_threads(1)
rng = np.random.default_rng(23)
cases = []


def rand(*shape, scale=1.0):
    return torch.tensor((scale * rng.standard_normal(shape)).astype(np.float32))


def rand01(*shape):
    return torch.tensor(rng.random(shape).astype(np.float32))


def out(tensor):
    values = tensor.detach().numpy().astype(np.float32)
    return {"shape": list(values.shape), "values": [float(f"{v:.9g}") for v in values.ravel()]}


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def oihw(w):
    return w.permute(3, 2, 0, 1)


def noise_for(keep, rate):
    """Uniform numbers u with u < 1 - rate exactly where keep."""
    u = rand01(*keep.shape)
    return torch.where(keep.bool(), u * (1 - rate) * 0.999, (1 - rate) + (u * 0.998 + 0.001) * rate)


def case(layer, options, inputs, f, inference=None, uniform=()):
    """Gradients are those of sum(y * dy). f(training, **inputs); inference is f(False, …) unless it is given."""
    leaves = {k: v.clone().requires_grad_() for k, v in inputs.items()}
    y = f(True, **leaves)
    dy = rand(*y.shape)
    (y * dy).sum().backward()
    cases.append({
        "layer": layer, "options": options,
        "inputs": {k: out(v) for k, v in inputs.items()},
        "uniform": [out(u) for u in uniform], "normal": [],
        "y": out(y), "dy": out(dy),
        "gradients": {k: out(v.grad) for k, v in leaves.items()},
        "inference": out(f(False, **inputs) if inference is None else inference),
    })


def functional(module, **params):
    """A module called with given tensors for its parameters."""
    return lambda x: torch.func.functional_call(module, params, (x,))


# --- GELU
for form, approximate in [("erf", "none"), ("tanh", "tanh")]:
    x = torch.cat([rand(3, 5), torch.linspace(-6, 6, 15).reshape(3, 5)])
    case("gelu", {"form": form}, {"x": x}, lambda training, x, a=approximate: nn.GELU(approximate=a)(x))

# --- recurrent: PyTorch's modules without dropout, its cells with one mask for all steps
B, T, D, U = 3, 4, 5, 6
for sequences in [True, False]:
    def lstm(training, x, kernel, recurrentKernel, bias, sequences=sequences):
        run = functional(nn.LSTM(D, U, batch_first=True), weight_ih_l0=kernel.T, weight_hh_l0=recurrentKernel.T,
                         bias_ih_l0=bias, bias_hh_l0=torch.zeros_like(bias))
        y = run(x)[0]
        return y if sequences else y[:, -1]

    case("lstm", {"units": U, "returnSequences": sequences},
         {"x": rand(B, T, D), "kernel": rand(D, 4 * U, scale=0.5), "recurrentKernel": rand(U, 4 * U, scale=0.5), "bias": rand(4 * U, scale=0.5)}, lstm)

    def gru(training, x, kernel, recurrentKernel, bias, recurrentBias, sequences=sequences):
        inner = torch.cat([torch.zeros(2 * U), recurrentBias])
        run = functional(nn.GRU(D, U, batch_first=True), weight_ih_l0=kernel.T, weight_hh_l0=recurrentKernel.T,
                         bias_ih_l0=bias, bias_hh_l0=inner)
        y = run(x)[0]
        return y if sequences else y[:, -1]

    case("gru", {"units": U, "returnSequences": sequences},
         {"x": rand(B, T, D), "kernel": rand(D, 3 * U, scale=0.5), "recurrentKernel": rand(U, 3 * U, scale=0.5),
          "bias": rand(3 * U, scale=0.5), "recurrentBias": rand(U, scale=0.5)}, gru)

for sequences, p, q in [(True, 0.25, 0.5), (False, 0.0, 0.4)]:
    keep_x, keep_h = (rand01(B, 1, D) < 1 - p).float(), (rand01(B, U) < 1 - q).float()
    noise = [noise_for(keep_x, p) if p else keep_x, noise_for(keep_h, q)]
    options = {"units": U, "returnSequences": sequences, "inputDropout": p, "recurrentDropout": q}

    def dropped_lstm(training, x, kernel, recurrentKernel, bias, m=keep_x / (1 - p), n=keep_h / (1 - q), sequences=sequences):
        # nn.LSTMCell takes the state that is dropped for the products; c goes on undropped.
        m, n = (m, n) if training else (torch.ones_like(m), torch.ones_like(n))
        cell = nn.LSTMCell(D, U)
        params = dict(weight_ih=kernel.T, weight_hh=recurrentKernel.T, bias_ih=bias, bias_hh=torch.zeros_like(bias))
        h, c, hs = torch.zeros(B, U), torch.zeros(B, U), []
        for t in range(T):
            h, c = torch.func.functional_call(cell, params, (x[:, t] * m[:, 0], (h * n, c)))
            hs.append(h)
        return torch.stack(hs, 1) if sequences else h

    case("lstm", options,
         {"x": rand(B, T, D), "kernel": rand(D, 4 * U, scale=0.5), "recurrentKernel": rand(U, 4 * U, scale=0.5), "bias": rand(4 * U, scale=0.5)},
         dropped_lstm, uniform=noise)

    def dropped_gru(training, x, kernel, recurrentKernel, bias, recurrentBias, m=keep_x / (1 - p), n=keep_h / (1 - q), sequences=sequences):
        m, n = (m, n) if training else (torch.ones_like(m), torch.ones_like(n))
        h, hs = torch.zeros(B, U), []
        for t in range(T):
            ir, iz, inn = ((x[:, t] * m[:, 0]) @ kernel + bias).chunk(3, 1)
            hr, hz, hn = ((h * n) @ recurrentKernel).chunk(3, 1)
            r, z = torch.sigmoid(ir + hr), torch.sigmoid(iz + hz)
            h = (1 - z) * torch.tanh(inn + r * (hn + recurrentBias)) + z * h
            hs.append(h)
        return torch.stack(hs, 1) if sequences else h

    case("gru", options,
         {"x": rand(B, T, D), "kernel": rand(D, 3 * U, scale=0.5), "recurrentKernel": rand(U, 3 * U, scale=0.5),
          "bias": rand(3 * U, scale=0.5), "recurrentBias": rand(U, scale=0.5)}, dropped_gru, uniform=noise)

# --- dense on tokens
case("dense", {"units": 3}, {"x": rand(2, 4, 5), "kernel": rand(5, 3), "bias": rand(3)},
     lambda training, x, kernel, bias: F.linear(x, kernel.T, bias))

(HERE / "networks.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
print(len(cases), "cases")
