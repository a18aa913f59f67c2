"""One training step in PyTorch, of the networks that bench/gpu/models.mjs has: channels_last, SGD with momentum 0.9 and
L2 of 1e-4 on kernels, one random batch that lies on the device. s["mode"]: "eager", or "compile" for torch.compile of the
model with its loss. s["precision"]: "float32", "tensorfloat32" (NVIDIA's tensor cores with 10 bits of fraction), or
"bfloat16" by autocast. Two steps are under way at once; the loss of each is copied to the host behind it.
"""

import peer

try:
    import torch
    from torch import nn
    from torch.nn import functional as F

    import pytorch_models as models

    versions = {"torch": torch.__version__}
except (ImportError, OSError, ValueError) as error:
    failure, versions = error, {}
    Module = object
else:
    failure = None
    Module = nn.Module


class Bottleneck(Module):
    """A block of ResNet-50 with its stride at the 3×3 convolution, as torchvision has it."""

    def __init__(self, cin, width, stride):
        super().__init__()
        out = 4 * width
        self.conv1, self.norm1 = nn.Conv2d(cin, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.norm2 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.norm3 = nn.Conv2d(width, out, 1, bias=False), nn.BatchNorm2d(out)
        self.shortcut = None
        if stride > 1 or cin != out:
            self.shortcut = nn.Sequential(nn.Conv2d(cin, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        y = F.relu(self.norm2(self.conv2(y)), inplace=True)
        y = self.norm3(self.conv3(y))
        return F.relu(y + (x if self.shortcut is None else self.shortcut(x)), inplace=True)


def resnet50(classes=1000):
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    cin = 64
    for stage, count in enumerate((3, 4, 6, 3)):
        for i in range(count):
            layers.append(Bottleneck(cin, 64 << stage, 2 if stage > 0 and i == 0 else 1))
            cin = 256 << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(cin, classes))


NETWORKS = {
    "small": lambda: models.small_cnn((4,)),
    "resnet20": lambda: models.resnet20(),
    "wrn28-10": lambda: models.wide_resnet(28, 10),
    "resnet50": resnet50,
}


def make(s):
    if failure:
        raise ImportError(failure)
    on_gpu = torch.cuda.is_available()
    device = "cuda" if on_gpu else "cpu"
    torch.manual_seed(0)
    fast = s["precision"] != "float32"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = fast
    torch.backends.cudnn.benchmark = True
    model = models.drawn(NETWORKS[s["model"]]()).to(device, memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(models.groups(model, 1e-4), lr=0.01, momentum=0.9)
    size, side = s["batch"], s["side"]
    images = torch.randn(size, 3, side, side, device=device).to(memory_format=torch.channels_last)
    labels = torch.randint(0, s["classes"], (size,), device=device)

    def loss_of(images, labels):
        with torch.autocast(device, torch.bfloat16, enabled=s["precision"] == "bfloat16"):
            logits = model(images)
        return F.cross_entropy(logits.float(), labels)

    forward = torch.compile(loss_of) if s["mode"] == "compile" else loss_of
    under_way = []

    def begin():
        optimizer.zero_grad(set_to_none=True)
        loss = forward(images, labels)
        loss.backward()
        optimizer.step()
        value = loss.detach().to("cpu", non_blocking=True)
        event = torch.cuda.Event() if on_gpu else None
        if event:
            event.record()
        under_way.append((event, value))

    def settle():
        event, value = under_way.pop(0)
        if event:
            event.synchronize()
        if not torch.isfinite(value):
            raise ValueError(f"the loss is {value.item()}")
        return size

    def step():
        begin()
        return settle() if len(under_way) > 1 else 0

    def drain():
        return sum(settle() for _ in range(len(under_way)))

    step.drain = drain
    begin()
    drain()
    return step


if __name__ == "__main__":
    peer.serve(make, **versions)
