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


def case(layer, options, inputs, f, inference=None, uniform=(), fixed=(), **more):
    """Gradients are those of sum(y * dy). f(training, **inputs); inference is f(False, …) unless it is given."""
    leaves = {k: v if k in fixed else v.clone().requires_grad_() for k, v in inputs.items()}
    y = f(True, **leaves)
    dy = rand(*y.shape)
    (y * dy).sum().backward()
    cases.append({
        "layer": layer, "options": options,
        "inputs": {k: out(v) for k, v in inputs.items()},
        "uniform": {k: [out(u) for u in (us if isinstance(us, list) else [us])] for k, us in uniform.items()} if isinstance(uniform, dict) else [out(u) for u in uniform],
        "normal": [], **more,
        "y": out(y), "dy": out(dy),
        "gradients": {k: out(v.grad) for k, v in leaves.items() if k not in fixed},
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



# --- a tiny Vision Transformer, of PyTorch's modules; parameters are called as rxaug calls them
class Block(nn.Module):
    def __init__(self, width, heads, hidden, approximate):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.hidden, self.gelu, self.out = nn.Linear(width, hidden), nn.GELU(approximate), nn.Linear(hidden, width)
        self.heads = heads

    def attend(self, x, keep):
        if keep is None:
            return self.attention(x, x, x, need_weights=False)[0]
        # nn.MultiheadAttention takes no mask for its dropout, so with one it is written out.
        a = self.attention
        batch, tokens, width = x.shape
        q, k, v = F.linear(x, a.in_proj_weight, a.in_proj_bias).chunk(3, 2)
        q, k, v = (t.reshape(batch, tokens, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        weights = torch.softmax(q @ k.transpose(2, 3) / (width / self.heads) ** 0.5, 3) * keep
        return a.out_proj((weights @ v).transpose(1, 2).reshape(batch, tokens, width))

    def forward(self, x, keep):
        one = torch.ones(1)
        x = x + self.attend(self.norm1(x), keep.get("attention/attention")) * keep.get("attention/dropout", one) * keep.get("attention/depth", one)
        hidden = self.gelu(self.hidden(self.norm2(x))) * keep.get("mlp/dropout1", one)
        return x + self.out(hidden) * keep.get("mlp/dropout2", one) * keep.get("mlp/depth", one)


class Vit(nn.Module):
    def __init__(self, side, patch, width, depth, heads, hidden, classes, pool, approximate):
        super().__init__()
        tokens = (side // patch) ** 2 + (pool == "class")
        self.patches = nn.Conv2d(3, width, patch, patch)
        if pool == "class":
            self.token = nn.Parameter(torch.zeros(1, width))
        self.table = nn.Parameter(torch.zeros(tokens, width))
        self.blocks = nn.ModuleList(Block(width, heads, hidden, approximate) for _ in range(depth))
        self.norm, self.head, self.pool = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, classes), pool

    def forward(self, images, keep):
        x = self.patches(nchw(images)).flatten(2).transpose(1, 2) * keep.get("embeddingDropout1", torch.ones(1))
        if self.pool == "class":
            x = torch.cat([self.token.expand(len(x), 1, -1), x], 1)
        x = (x + self.table) * keep.get("dropout1", torch.ones(1))
        for i, block in enumerate(self.blocks):
            own = f"block{i + 1}/"
            x = block(x, {k[len(own):]: v for k, v in keep.items() if k.startswith(own)})
        x = self.norm(x)
        return self.head(x[:, 0] if self.pool == "class" else x.mean(1))


def renamed(params):
    """rxaug's parameters under PyTorch's names and in its layouts."""
    plain = {"patches/bias": "patches.bias", "class/token": "token", "position/table": "table",
             "norm/scale": "norm.weight", "norm/shift": "norm.bias", "head/bias": "head.bias"}
    inside = {"attention/norm/scale": "norm1.weight", "attention/norm/shift": "norm1.bias",
              "attention/attention/qkvBias": "attention.in_proj_bias", "attention/attention/outBias": "attention.out_proj.bias",
              "mlp/norm/scale": "norm2.weight", "mlp/norm/shift": "norm2.bias", "mlp/hidden/bias": "hidden.bias", "mlp/out/bias": "out.bias"}
    turned = {"attention/attention/qkv": "attention.in_proj_weight", "attention/attention/out": "attention.out_proj.weight",
              "mlp/hidden/kernel": "hidden.weight", "mlp/out/kernel": "out.weight"}
    result = {}
    for name, value in params.items():
        if name == "patches/kernel":
            result["patches.weight"] = oihw(value)
        elif name == "head/kernel":
            result["head.weight"] = value.T
        elif name in plain:
            result[plain[name]] = value
        else:
            block, rest = name.split("/", 1)
            prefix = f"blocks.{int(block[5:]) - 1}."
            result[prefix + (inside.get(rest) or turned[rest])] = value if rest in inside else value.T
    return result


BATCH, SIDE, PATCH, WIDTH, DEPTH, HEADS, HIDDEN, CLASSES = 3, 6, 3, 6, 2, 2, 9, 4
for pool, form, noisy in [("class", "erf", False), ("mean", "tanh", False), ("class", "erf", True)]:
    tokens = (SIDE // PATCH) ** 2 + (pool == "class")
    inputs = {"x": rand(BATCH, SIDE, SIDE, 3), "patches/kernel": rand(PATCH, PATCH, 3, WIDTH, scale=0.3), "patches/bias": rand(WIDTH, scale=0.3)}
    if pool == "class":
        inputs["class/token"] = rand(1, WIDTH)
    inputs["position/table"] = rand(tokens, WIDTH)
    for i in range(DEPTH):
        own = f"block{i + 1}/"
        for half in ["attention", "mlp"]:
            inputs |= {f"{own}{half}/norm/scale": 1 + rand(WIDTH, scale=0.3), f"{own}{half}/norm/shift": rand(WIDTH, scale=0.3)}
        at = own + "attention/attention/"
        inputs |= {at + "qkv": rand(WIDTH, 3 * WIDTH, scale=0.5), at + "qkvBias": rand(3 * WIDTH, scale=0.5),
                   at + "out": rand(WIDTH, WIDTH, scale=0.5), at + "outBias": rand(WIDTH, scale=0.5)}
        inputs |= {own + "mlp/hidden/kernel": rand(WIDTH, HIDDEN, scale=0.5), own + "mlp/hidden/bias": rand(HIDDEN, scale=0.5),
                   own + "mlp/out/kernel": rand(HIDDEN, WIDTH, scale=0.5), own + "mlp/out/bias": rand(WIDTH, scale=0.5)}
    inputs |= {"norm/scale": 1 + rand(WIDTH, scale=0.3), "norm/shift": rand(WIDTH, scale=0.3),
               "head/kernel": rand(WIDTH, CLASSES), "head/bias": rand(CLASSES)}
    options = {"patch": PATCH, "width": WIDTH, "depth": DEPTH, "heads": HEADS, "mlpRatio": HIDDEN / WIDTH, "pool": pool, "gelu": form}
    masks, noise = {}, {}
    if noisy:
        options |= {"dropout": 0.2, "attentionDropout": 0.3, "embeddingDropout": 0.25, "stochasticDepth": 0.5}
        shapes = {"embeddingDropout1": ((BATCH, tokens - 1, 1), 0.25), "dropout1": ((BATCH, tokens, WIDTH), 0.2)}
        for i in range(DEPTH):
            own, depth_rate = f"block{i + 1}/", 0.5 * (i + 1) / DEPTH
            shapes |= {own + "attention/attention": ((BATCH, HEADS, tokens, tokens), 0.3), own + "attention/dropout": ((BATCH, tokens, WIDTH), 0.2),
                       own + "attention/depth": ((BATCH, 1, 1), depth_rate), own + "mlp/dropout1": ((BATCH, tokens, HIDDEN), 0.2),
                       own + "mlp/dropout2": ((BATCH, tokens, WIDTH), 0.2), own + "mlp/depth": ((BATCH, 1, 1), depth_rate)}
        for name, (shape, rate) in shapes.items():
            keep = (rand01(*shape) < 1 - rate).float()
            masks[name], noise[name] = keep / (1 - rate), noise_for(keep, rate)
    module = Vit(SIDE, PATCH, WIDTH, DEPTH, HEADS, HIDDEN, CLASSES, pool, "none" if form == "erf" else "tanh")

    def run(training, x, module=module, masks=masks, **params):
        return torch.func.functional_call(module, renamed(params), (x, masks if training else {}))

    case("vit", options, inputs, run, uniform=noise, classes=CLASSES)
    if noisy:  # attention written out is PyTorch's own where nothing is dropped
        ones = {k: torch.ones_like(v) for k, v in masks.items()}
        assert torch.allclose(run(True, masks=ones, **inputs), run(False, **inputs), atol=1e-5)


# --- tied weights: one parameter at two places
def chain(*layers):
    return {"layers": list(layers)}


dense_a = {"layer": "dense", "units": 5, "name": "a"}
case("sequential", chain(dense_a, {"layer": "relu"}, {"layer": "tied", "to": "a", "name": "b", "inner": {"layer": "dense", "units": 5}}),
     {"x": rand(4, 5), "a/kernel": rand(5, 5), "a/bias": rand(5)},
     lambda training, x, **p: F.linear(F.relu(F.linear(x, p["a/kernel"].T, p["a/bias"])), p["a/kernel"].T, p["a/bias"]))
conv = {"layer": "conv2d", "filters": 2, "name": "conv"}
part = {"layer": "sequential", "layers": [conv, {"layer": "relu"}]}
twice = lambda x, w, b: F.relu(F.conv2d(x, oihw(w), b, padding=1))
case("sequential", chain({**part, "name": "a"}, {"layer": "tied", "to": "a", "inner": part}, {"layer": "tied", "to": "a", "inner": part}),
     {"x": rand(2, 4, 4, 2), "a/conv/kernel": rand(3, 3, 2, 2, scale=0.5), "a/conv/bias": rand(2)},
     lambda training, x, **p: nhwc(twice(twice(twice(nchw(x), p["a/conv/kernel"], p["a/conv/bias"]), p["a/conv/kernel"], p["a/conv/bias"]), p["a/conv/kernel"], p["a/conv/bias"])))
case("sequential", chain({"layer": "dense", "units": 3, "name": "encoder"}, {"layer": "gelu"}, {"layer": "tiedTranspose", "to": "encoder", "name": "decoder"}),
     {"x": rand(4, 5), "encoder/kernel": rand(5, 3), "encoder/bias": rand(3), "decoder/bias": rand(5)},
     lambda training, x, **p: F.linear(F.gelu(F.linear(x, p["encoder/kernel"].T, p["encoder/bias"])), p["encoder/kernel"], p["decoder/bias"]))
case("sequential", chain({"layer": "embedding", "vocabulary": 6, "units": 4, "name": "words"}, {"layer": "gelu"}, {"layer": "tiedTranspose", "to": "words", "bias": False}),
     {"x": torch.tensor([[0.0, 3, 5], [5, 1, 5]]), "words/kernel": rand(6, 4)},
     lambda training, x, **p: F.gelu(F.embedding(x.long(), p["words/kernel"])) @ p["words/kernel"].T, fixed=("x",))


# --- unshared convolution: patches by unfold, a product of its own for each place
for height, width, k, stride, padding, bias in [(5, 4, 3, 1, "valid", True), (6, 6, 3, 2, "same", False), (5, 5, 2, 2, 1, True), (4, 4, 3, 1, "same", True)]:
    filters, C = 3, 2
    if padding == "same":
        sides = [-(-n // stride) for n in (height, width)]
        total = [max(0, (o - 1) * stride + k - n) for o, n in zip(sides, (height, width))]
        pads = (total[1] // 2, total[1] - total[1] // 2, total[0] // 2, total[0] - total[0] // 2)
    else:
        p = 0 if padding == "valid" else padding
        pads = (p, p, p, p)
        sides = [(n + 2 * p - k) // stride + 1 for n in (height, width)]

    def unshared(training, x, kernel, bias=None, pads=pads, sides=sides, k=k, stride=stride):
        patches = F.unfold(F.pad(nchw(x), pads), k, stride=stride)  # [B, C·k·k, P]
        weights = kernel.reshape(k, k, C, sides[0] * sides[1], filters).permute(2, 0, 1, 3, 4).reshape(C * k * k, -1, filters)
        y = torch.einsum("bnp,npf->bpf", patches, weights).reshape(len(x), *sides, filters)
        return y if bias is None else y + bias

    inputs = {"x": rand(2, height, width, C), "kernel": rand(k, k, C, sides[0] * sides[1] * filters)}
    if bias:
        inputs["bias"] = rand(*sides, filters)
    case("locallyConnected2d", {"filters": filters, "kernel": k, "stride": stride, "padding": padding, "bias": bias}, inputs, unshared)


# --- shake-shake: one share forward, another backward
class Blend(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b, alpha, beta):
        ctx.save_for_backward(beta)
        return alpha * a + (1 - alpha) * b

    @staticmethod
    def backward(ctx, dy):
        (beta,) = ctx.saved_tensors
        return beta * dy, (1 - beta) * dy, None, None


branches = {"branches": [{"layer": "dense", "units": 3}, {"layer": "sequential", "layers": [{"layer": "dense", "units": 3, "name": "d"}]}]}
for forward, backward, mode in [("shake", "shake", "sample"), ("shake", "keep", "batch"), ("even", "shake", "sample"), ("shake", "even", "batch")]:
    ua, ub = (rand01(4 if mode == "sample" else 1, 1) for _ in range(2))

    def shaken(training, x, forward=forward, backward=backward, ua=ua, ub=ub, **p):
        half = torch.full_like(ua, 0.5)
        alpha = ua if forward == "shake" and training else half
        beta = {"shake": ub, "even": half, "keep": alpha}[backward]
        a, b = F.linear(x, p["branch1/kernel"].T, p["branch1/bias"]), F.linear(x, p["branch2/d/kernel"].T, p["branch2/d/bias"])
        return Blend.apply(a, b, alpha, beta)

    case("shakeShake", {"forward": forward, "backward": backward, "mode": mode, **branches},
         {"x": rand(4, 5), "branch1/kernel": rand(5, 3), "branch1/bias": rand(3), "branch2/d/kernel": rand(5, 3), "branch2/d/bias": rand(3)},
         shaken, uniform=[ua, ub])


def two_paths(x, kernel, shifted, stride=2):
    return torch.cat([F.conv2d(F.avg_pool2d(x, 1, stride), oihw(kernel)),
                      F.conv2d(F.avg_pool2d(F.pad(x[:, :, 1:, 1:], (0, 1, 0, 1)), 1, stride), oihw(shifted))], 1)


for side, stride in [(4, 2), (5, 2), (3, 1)]:
    case("twoPathShortcut", {"filters": 4, "stride": stride},
         {"x": rand(2, side, side, 3), "kernel": rand(1, 1, 3, 2), "shiftedKernel": rand(1, 1, 3, 2)},
         lambda training, x, kernel, shiftedKernel, stride=stride: nhwc(two_paths(nchw(x), kernel, shiftedKernel, stride)))

# The whole of shake-shake-8-2x2d; batch norm with running statistics that have moved.
W, CLASSES, BATCH, SIDE = 2, 3, 4, 8
inputs, stats = {"x": rand(BATCH, SIDE, SIDE, 3)}, {}


def norm_params(at, channels):
    inputs.update({at + "/scale": 1 + rand(channels, scale=0.3), at + "/shift": rand(channels, scale=0.3)})
    stats.update({at + "/mean": rand(channels, scale=0.3), at + "/variance": rand(channels).abs() + 0.5})


inputs["stem/conv/kernel"] = rand(3, 3, 3, 16, scale=0.3)
norm_params("stem/norm", 16)
channels, noise = 16, {}
for stage in [1, 2, 3]:
    at, filters = f"stage{stage}/block1", W * 2 ** (stage - 1)
    for branch in ["branch1", "branch2"]:
        for conv, width in [("1", channels), ("2", filters)]:
            inputs[f"{at}/{branch}/conv{conv}/kernel"] = rand(3, 3, width, filters, scale=0.4)
            norm_params(f"{at}/{branch}/norm{conv}", filters)
    if stage == 1:
        inputs[at + "/shortcut/conv/kernel"] = rand(1, 1, channels, filters)
    else:
        inputs |= {at + f"/shortcut/paths/{k}": rand(1, 1, channels, filters // 2) for k in ["kernel", "shiftedKernel"]}
    norm_params(at + "/shortcut/norm", filters)
    noise[at] = [rand01(BATCH, 1, 1, 1), rand01(BATCH, 1, 1, 1)]
    channels = filters
inputs |= {"head/kernel": rand(channels, CLASSES), "head/bias": rand(CLASSES)}
moved = {k: v.clone() for k, v in stats.items()}


def shaken_network(training, x, **p):
    def norm(x, at):
        m, v = (moved if training else stats)[at + "/mean"], (moved if training else stats)[at + "/variance"]
        return F.batch_norm(x, m, v, p[at + "/scale"], p[at + "/shift"], training, 0.1, 1e-5)

    def branch(x, at, stride):
        x = norm(F.conv2d(F.relu(x), oihw(p[at + "/conv1/kernel"]), None, stride, 1), at + "/norm1")
        return norm(F.conv2d(F.relu(x), oihw(p[at + "/conv2/kernel"]), None, 1, 1), at + "/norm2")

    y = norm(F.conv2d(nchw(x), oihw(p["stem/conv/kernel"]), None, 1, 1), "stem/norm")
    for stage in [1, 2, 3]:
        at, r, half = f"stage{stage}/block1", F.relu(y), torch.full((len(x), 1, 1, 1), 0.5)
        beside = (F.conv2d(r, oihw(p[at + "/shortcut/conv/kernel"])) if stage == 1 else
                  two_paths(r, p[at + "/shortcut/paths/kernel"], p[at + "/shortcut/paths/shiftedKernel"]))
        a, b = branch(y, at + "/branch1", min(stage, 2)), branch(y, at + "/branch2", min(stage, 2))
        alpha, beta = noise[at] if training else (half, half)
        y = Blend.apply(a, b, alpha, beta) + norm(beside, at + "/shortcut/norm")
    return F.linear(F.relu(y).mean((2, 3)), p["head/kernel"].T, p["head/bias"])


case("shakeShakeResnet", {"depth": 8, "width": W}, inputs, shaken_network, uniform=noise, classes=CLASSES,
     stats={k: out(v) for k, v in stats.items()})
cases[-1]["moved"] = {k: out(v) for k, v in moved.items()}

(HERE / "networks.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
print(len(cases), "cases")
