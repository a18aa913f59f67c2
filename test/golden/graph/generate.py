"""A tiny generator from PyTorch, as people bring them: z [B, 100] to images [B, 3, 16, 16] in [-1, 1].

Writes generator.onnx (torch.onnx.export, opset 18, an open batch) and generator.json (what PyTorch computes).
Needs torch, onnx and onnxscript:  python test/golden/graph/generate.py
"""

import json
import math
import pathlib

import onnx
import torch
from torch import nn

here = pathlib.Path(__file__).parent


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(100, 8 * 4 * 4)
        self.layers = nn.Sequential(
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 6, 4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(6),
            nn.LeakyReLU(0.2),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv2d(6, 3, 3, padding=1),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.layers(self.project(z).reshape(-1, 8, 4, 4))


torch.manual_seed(1)
generator = Generator().eval()
for name, buffer in generator.named_buffers():
    if name.endswith("running_mean"):
        buffer.normal_(0, 0.2)
    elif name.endswith("running_var"):
        buffer.uniform_(0.5, 1.5)

z = torch.tensor([[math.sin(0.37 * (100 * i + j)) for j in range(100)] for i in range(3)])
torch.onnx.export(
    generator,
    (z,),
    here / "generator.onnx",
    input_names=["z"],
    output_names=["image"],
    dynamic_shapes={"z": {0: torch.export.Dim("batch")}},
    opset_version=18,
    external_data=False,
)
# Stack traces of whoever ran this are nobody's business.
model = onnx.load(here / "generator.onnx")
for part in [*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, model.graph]:
    part.ClearField("metadata_props")
    part.ClearField("doc_string")
onnx.checker.check_model(model, full_check=True)
onnx.save(model, here / "generator.onnx")

with torch.no_grad():
    image = generator(z)
values = [round(v, 6) for v in image.flatten().tolist()]
(here / "generator.json").write_text(json.dumps({"shape": list(image.shape), "values": values}) + "\n")
