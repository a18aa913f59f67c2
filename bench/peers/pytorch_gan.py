"""A step of rxaug's default GAN in PyTorch, eager or with `torch.compile` of both networks (its default mode): one of the
critic (hinge loss, spectral norm with one power iteration, projection of the class), one of the generator (conditional batch
norm), Adam for both, a moving average of the generator's weights and buffers. float32, channels_last, every core; the
losses are read after each step.
"""

import peer

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
    from torch.nn.utils.parametrizations import spectral_norm
    from torch.optim.swa_utils import AveragedModel

    import pytorch_models as models

    versions = {"torch": torch.__version__}
except (ImportError, OSError, ValueError) as error:
    failure, versions = error, {}
    Module = object
else:
    failure = None
    Module = nn.Module

LATENT, EMBEDDED, WIDTH, CLASSES, HALVINGS, SMALLEST = 64, 32, 32, 10, 3, 4
LAST = dict() if failure else dict(memory_format=torch.channels_last)


def filters(halved):
    return WIDTH * min(4, 2**halved)


class Stage(Module):
    """Twice as high and wide, a convolution, batch norm with a scale and a shift for each class, relu."""

    def __init__(self, cin, cout):
        super().__init__()
        self.conv, self.norm = models.conv3x3(cin, cout), nn.BatchNorm2d(cout)
        self.scale, self.shift = (nn.Parameter(torch.zeros(CLASSES, cout)) for _ in range(2))

    def forward(self, x, c):
        x = self.norm(self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest")))
        of = lambda table: (c @ table)[:, :, None, None]
        return F.relu(x * (of(self.scale) + 1) + of(self.shift), inplace=True)


class Generator(Module):
    def __init__(self):
        super().__init__()
        first = filters(HALVINGS)
        self.embedding = nn.Parameter(torch.randn(CLASSES, EMBEDDED))
        self.start = nn.Linear(LATENT + EMBEDDED, SMALLEST * SMALLEST * first)
        self.stages = nn.ModuleList(
            Stage(first if i == 0 else filters(HALVINGS - i), filters(HALVINGS - 1 - i)) for i in range(HALVINGS)
        )
        self.image = nn.Conv2d(WIDTH, 3, 3, 1, 1)

    def forward(self, z, c):
        x = self.start(torch.cat([z, c @ self.embedding], 1))
        x = x.view(len(x), SMALLEST, SMALLEST, -1).permute(0, 3, 1, 2)  # channels last in memory
        for stage in self.stages:
            x = stage(x, c)
        return torch.tanh(self.image(x))


class Critic(Module):
    def __init__(self):
        super().__init__()
        widths = [filters(i) for i in range(HALVINGS + 1)]
        self.convs = nn.ModuleList([nn.Conv2d(3, WIDTH, 3, 1, 1)])
        self.convs.extend(nn.Conv2d(a, b, 4, 2, 1) for a, b in zip(widths, widths[1:]))
        units = SMALLEST * SMALLEST * widths[-1]
        self.head, self.projection = nn.Linear(units, 1), nn.Linear(CLASSES, units, bias=False)

    def forward(self, x, c):
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.2)
        x = x.flatten(1)
        return self.head(x)[:, 0] + (self.projection(c) * x).sum(1)


def moved(averages, current, count):
    """d = min(0.999, 1 - (1 + t)^(-2/3)) after step t, of parameters and running statistics."""
    if not torch.is_floating_point(averages[0]):
        for average, now in zip(averages, current):
            average.copy_(now)
        return
    decay = min(0.999, 1 - (2 + int(count)) ** (-2 / 3))
    torch._foreach_lerp_(averages, current, 1 - decay)


def make(s):
    if failure:
        raise ImportError(failure)
    if s["case"] != "train-step-gan":
        raise NotImplementedError
    torch.set_num_threads(s["threads"])
    torch.manual_seed(0)
    size = s["batch"]
    generator, critic = (models.drawn(net()).to(**LAST).train() for net in (Generator, Critic))
    nn.init.kaiming_normal_(generator.start.weight, nonlinearity="relu")
    parameters = models.parameters_of(generator, critic)
    for layer in (*critic.convs, critic.head, critic.projection):
        spectral_norm(layer)
    of_generator = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.0, 0.9))
    of_critic = torch.optim.Adam(critic.parameters(), lr=4e-4, betas=(0.0, 0.9))
    average = AveragedModel(generator, multi_avg_fn=moved, use_buffers=True)
    images = (2 * torch.rand(size, 3, 32, 32) - 1).contiguous(**LAST)
    classes = F.one_hot(torch.randint(0, CLASSES, (size,)), CLASSES).float()
    both = torch.cat([classes, classes])
    made, judged = (torch.compile(net) if s.get("compile") else net for net in (generator, critic))

    def step():
        critic.requires_grad_(True).train()
        with torch.no_grad():
            fake = made(torch.randn(size, LATENT), classes)
        real, wrong = judged(torch.cat([images, fake]), both).split(size)
        of_critic.zero_grad(set_to_none=True)
        loss = F.relu(1 - real).mean() + F.relu(1 + wrong).mean()
        loss.backward()
        of_critic.step()
        critic.requires_grad_(False).eval()  # the last singular vectors, and no gradient of its own
        of_generator.zero_grad(set_to_none=True)
        own = -judged(made(torch.randn(size, LATENT), classes), classes).mean()
        own.backward()
        of_generator.step()
        average.update_parameters(generator)
        torch.stack([loss.detach(), own.detach()]).tolist()  # the losses are read after each step
        return size

    return peer.training(step, s, parameters=parameters)


if __name__ == "__main__":
    peer.serve(make, **versions)
