"""Expected calibration error: python calibration.py writes calibration.json beside it.

`guo` is ECELoss of the paper's authors (github.com/gpleiss/temperature_scaling), line for line in its arithmetic. One case
has every confidence on the border between two bins, where (lo, hi] matters.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.manual_seed(5)


def guo(confidences, accuracies, n_bins=15):
    boundaries = torch.linspace(0, 1, n_bins + 1)
    ece = torch.zeros(1)
    for lower, upper in zip(boundaries[:-1], boundaries[1:]):
        in_bin = confidences.gt(lower.item()) * confidences.le(upper.item())
        share = in_bin.float().mean()
        if share.item() > 0:
            ece += torch.abs(confidences[in_bin].mean() - accuracies[in_bin].float().mean()) * share
    return ece.item()


cases = []
for scale in (0.5, 2, 8):
    logits = (scale * torch.randn(150, 4)).mul(64).round().div(64)
    labels = torch.where(torch.rand(150) < 0.5, logits.argmax(1), torch.randint(0, 4, (150,)))
    confidences, predictions = F.softmax(logits, dim=1).max(1)
    cases.append({"logits": logits.flatten().tolist(), "labels": labels.tolist(), "ece": guo(confidences, predictions.eq(labels))})
borders = torch.tensor([3 / 15, 6 / 15, 6 / 15, 1.0, 1.0])
right = torch.tensor([1, 0, 1, 1, 0])
edge = {"confidences": borders.tolist(), "right": right.tolist(), "ece": guo(borders, right)}
(HERE / "calibration.json").write_text(json.dumps({"cases": cases, "edge": edge}, separators=(",", ":")) + "\n")
print([case["ece"] for case in cases], edge["ece"])
