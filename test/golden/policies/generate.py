"""Operations of torchvision's policies on one picture, at explicit bins and signs: writes policies.json.

    python generate.py      # torchvision, numpy, pillow
"""
import base64
import json
import pathlib

import numpy as np
import torchvision
from PIL import Image
from torchvision.transforms.autoaugment import AugMix, RandAugment, TrivialAugmentWide, _apply_op
from torchvision.transforms.functional import InterpolationMode

HERE = pathlib.Path(__file__).parent
rng = np.random.default_rng(7)
WIDTH, HEIGHT = 44, 36
y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
base = np.stack([120 + 90 * np.sin(x / 5 + y / 9), 5 * x, 200 - 4 * y + 3 * x], -1)
pixels = np.clip(base + rng.normal(0, 12, base.shape), 0, 255).astype(np.uint8)
image = Image.fromarray(pixels)

spaces = {
    "standard": RandAugment()._augmentation_space(31, (HEIGHT, WIDTH)),
    "wide": TrivialAugmentWide()._augmentation_space(31),
    "augmix": AugMix()._augmentation_space(10, (HEIGHT, WIDTH)),
}
cases = []
for space, table in spaces.items():
    for op, (magnitudes, signed) in table.items():
        bins = {"standard": [9, 30], "wide": [14], "augmix": [2]}[space] if magnitudes.ndim > 0 else [0]
        for k in bins:
            magnitude = float(magnitudes[k].item()) if magnitudes.ndim > 0 else 0.0
            for sign in [1, -1] if signed else [1]:
                out = _apply_op(image, op, sign * magnitude, InterpolationMode.NEAREST, [0, 0, 0])
                data = base64.b64encode(np.asarray(out).tobytes()).decode()
                level = k / (len(magnitudes) - 1) if magnitudes.ndim > 0 else 0.0
                cases.append({"space": space, "op": op, "level": level, "sign": sign, "pixels": data})
json.dump(
    {
        "torchvision": torchvision.__version__,
        "width": WIDTH,
        "height": HEIGHT,
        "image": base64.b64encode(pixels.tobytes()).decode(),
        "cases": cases,
    },
    open(HERE / "policies.json", "w"),
)
print(len(cases), "cases")
