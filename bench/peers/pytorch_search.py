"""One step of a policy search under a critic, in eager PyTorch: what rxaug's case search-step does, as it is written with
torch. Ten ops and two stages, chosen image by image; magnitudes learn through the ops, choices by running means; a WGAN-GP critic
without normalization, a student on augmented images, a teacher on clean ones with a moving average. float32, channels_last.
"""

import peer

try:
    import torch
    from torch import nn
    from torch.nn import functional as F

    versions = {"torch": torch.__version__}
except (ImportError, OSError, ValueError) as error:
    failure, versions = error, {}
else:
    failure = None

OPS = ["rotate", "translateX", "translateY", "horizontalFlip", "verticalFlip", "brightness", "contrast", "saturation", "hue", "invert"]
BOUNDS = {"rotate": (-45, 45), "translateX": (-0.3, 0.3), "translateY": (-0.3, 0.3), "brightness": (0.4, 1.8), "contrast": (0.4, 1.8), "saturation": (0, 2), "hue": (-0.3, 0.3)}
WARPS = OPS[:5]
STAGES, WIDTH = 2, 16


def critic():
    layers, channels = [], 3
    for i in range(3):
        out = WIDTH * min(4, 2**i)
        layers += [nn.Conv2d(channels, out, 4, 2, 1), nn.ReLU()]
        channels = out
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * 16, 1))


def classifier(classes):
    layers, channels = [], 3
    for i in range(3):
        out = WIDTH * min(4, 2**i)
        layers += [nn.Conv2d(channels, out, 4, 2, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]
        channels = out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def rounded(x):
    """To bytes, as they will be in training; the gradient passes straight through."""
    return x + (torch.round(x.clamp(0, 1) * 255) / 255 - x).detach()


def luma(x):
    return (x * x.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)).sum(1, keepdim=True)


def matrices(op, m):
    one, zero = torch.ones_like(m), torch.zeros_like(m)
    if op == "rotate":
        r = m * (torch.pi / 180)
        rows = [r.cos(), r.sin(), zero, -r.sin(), r.cos(), zero]
    elif op == "translateX":
        rows = [one, zero, -2 * m, zero, one, zero]
    elif op == "translateY":
        rows = [one, zero, zero, zero, one, -2 * m]
    elif op == "horizontalFlip":
        rows = [-one, zero, zero, zero, one, zero]
    else:
        rows = [one, zero, zero, zero, -one, zero]
    return torch.stack(rows, 1).view(-1, 2, 3)


def shifted(x, m):
    """Hue, through HSV."""
    high, low = x.amax(1), x.amin(1)
    spread = high - low
    safe = torch.where(spread > 0, spread, torch.ones_like(spread))
    r, g, b = x.unbind(1)
    h = torch.where(high == r, (g - b) / safe, torch.where(high == g, 2 + (b - r) / safe, 4 + (r - g) / safe))
    h = (h / 6 + m.view(-1, 1, 1)) % 1
    s = spread / torch.where(high > 0, high, torch.ones_like(high))
    channels = []
    for n in (5, 3, 1):
        k = (n + h * 6) % 6
        channels.append(high - high * s * torch.minimum(k, 4 - k).clamp(0, 1))
    return torch.stack(channels, 1)


def pixels(op, x, m):
    m = m.view(-1, 1, 1, 1)
    if op == "brightness":
        return x * m
    if op == "contrast":
        mean = luma(x).mean((1, 2, 3), keepdim=True)
        return mean + m * (x - mean)
    if op == "saturation":
        gray = luma(x)
        return gray + m * (x - gray)
    if op == "hue":
        return shifted(x, m.view(-1))
    return 1 - x


def make(s):
    if failure:
        raise ImportError(failure)
    if s["case"] != "search-step":
        raise NotImplementedError
    torch.set_num_threads(s["threads"])
    torch.manual_seed(0)
    size, classes, ops = s["batch"], 10, len(OPS)
    last = dict(memory_format=torch.channels_last)
    critic_, student, teacher, average = critic().to(**last), classifier(classes).to(**last), classifier(classes).to(**last), classifier(classes).to(**last).eval()
    for p in average.parameters():
        p.requires_grad_(False)
    rates = dict(lr=1e-3)
    of_critic = torch.optim.Adam(critic_.parameters(), betas=(0.0, 0.9), **rates)
    of_student = torch.optim.Adam(student.parameters(), betas=(0.5, 0.999), **rates)
    of_teacher = torch.optim.Adam(teacher.parameters(), betas=(0.5, 0.999), **rates)
    odds, chance = torch.zeros(STAGES, ops), torch.zeros(STAGES, ops)
    center, width = torch.zeros(STAGES, ops, requires_grad=True), torch.zeros(STAGES, ops, requires_grad=True)
    applied_mean, none_mean, slopes = torch.zeros(STAGES, ops), torch.zeros(STAGES), [torch.zeros(STAGES, ops) for _ in range(2)]
    images = torch.rand(size, 3, 32, 32).contiguous(**last)
    held = torch.rand(size, 3, 32, 32).contiguous(**last)
    labels = torch.randint(0, classes, (size,))
    lambda_, gap = 1.0, 0.0

    def stage(x, k, chosen, applied, position):
        out = x.clone()
        warped = torch.zeros(size, dtype=torch.bool)
        parts, rows = [], []
        for i, op in enumerate(OPS):
            own = ((chosen == i) & applied).nonzero().view(-1)
            if len(own) == 0:
                continue
            m = torch.zeros(len(own))
            if op in BOUNDS:
                low, high = BOUNDS[op]
                c = torch.sigmoid(center[k, i])
                half = torch.sigmoid(width[k, i]) * torch.minimum(c, 1 - c)
                m = low + (high - low) * (c + half * position[own])
            if op in WARPS:
                warped[own] = True
                parts.append(matrices(op, m))
                rows.append(own)
            else:
                out = out.index_copy(0, own, rounded(pixels(op, x[own], m)))
        if rows:
            own = torch.cat(rows)
            grid = F.affine_grid(torch.cat(parts), [len(own), 3, 32, 32], align_corners=False)
            out = out.index_copy(0, own, rounded(F.grid_sample(x[own], grid, align_corners=False)))
        return out

    def step():
        nonlocal lambda_, gap
        chosen = torch.multinomial(odds.softmax(1), size, replacement=True)
        applied = torch.rand(STAGES, size) < torch.sigmoid(chance.gather(1, chosen))
        position = torch.rand(STAGES, size) * 2 - 1
        real = held[torch.randperm(size)] * 2 - 1
        student.eval()
        score_real = critic_(real).view(-1)
        spread = score_real.detach().std() + 1e-6

        def judge(x):
            y = x * 2 - 1
            logits = student(y)
            wrong = logits.masked_fill(F.one_hot(labels, classes).bool(), -1e4)
            hard = logits.logsumexp(1) - wrong.logsumexp(1)
            unreal = -critic_(y).view(-1) / spread
            taught = F.cross_entropy(average(y), labels, reduction="none")
            return 0.3 * hard + lambda_ * unreal + taught, unreal

        with torch.no_grad():
            alone, _ = judge(images)
        x = images
        for k in range(STAGES):
            x = stage(x, k, chosen[k], applied[k], position[k])
        loss, unreal = judge(x)
        grads = torch.autograd.grad(loss.mean(), [center, width], allow_unused=True)
        gain = (loss - alone).detach().clamp(-3, 3)
        with torch.no_grad():
            for k in range(STAGES):
                on = applied[k]
                count = torch.zeros(ops).index_add(0, chosen[k][on], torch.ones(int(on.sum())))
                total = torch.zeros(ops).index_add(0, chosen[k][on], gain[on])
                there = count > 0
                applied_mean[k][there] += (total[there] / count[there] - applied_mean[k][there]) * (count[there] / (count[there] + 50))
                off = (~on).sum()
                if off > 0:
                    none_mean[k] += (gain[~on].mean() - none_mean[k]) * (off / (off + 50))
                for slope, grad in zip(slopes, grads):
                    if grad is not None:
                        own = (grad[k][there] * size / count[there]).clamp(-3, 3)
                        slope[k][there] += (own - slope[k][there]) * (count[there] / (count[there] + 50))
            shares = odds.softmax(1)
            value = torch.sigmoid(chance) * (applied_mean - none_mean.view(-1, 1))
            odds.sub_((0.03 * (value - (shares * value).sum(1, keepdim=True))).clamp(-0.05, 0.05))
            chance.sub_((0.03 * (applied_mean - none_mean.view(-1, 1))).clamp(-0.05, 0.05)).clamp_(-2, 2)
            for parameter, slope in zip((center, width), slopes):
                parameter.sub_((0.03 * slope).clamp(-0.05, 0.05)).clamp_(-4, 4)
            gap = 0.9 * gap + 0.1 * float(unreal.mean() + score_real.mean() / spread)
            lambda_ = min(3.0, max(0.0, lambda_ + 0.02 * (gap - 0.4)))

        fake = (x.detach() * 2 - 1).contiguous(**last)
        both = critic_(torch.cat([real, fake])).view(-1)
        share = torch.rand(size, 1, 1, 1)
        between = (real + (fake - real) * share).requires_grad_(True)
        (slope,) = torch.autograd.grad(critic_(between).sum(), between, create_graph=True)
        norm = slope.flatten(1).square().sum(1).add(1e-12).sqrt()
        distance = both[:size].mean() - both[size:].mean()
        penalty = (norm - 1).square().mean()
        of_critic.zero_grad(set_to_none=True)
        (10 * penalty - distance).backward()
        of_critic.step()
        student.train()
        for network, optimizer, shown in ((student, of_student, fake), (teacher, of_teacher, images * 2 - 1)):
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(network(shown), labels)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            for old, now in zip(average.state_dict().values(), teacher.state_dict().values()):
                if old.dtype.is_floating_point:
                    old.lerp_(now, 0.02)
        float(distance), float(loss)  # read after each step, as ours are
        return size

    return step


if __name__ == "__main__":
    peer.serve(make, **versions)
