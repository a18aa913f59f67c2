"""Reads what the COCO and YOLO writers wrote with pycocotools and PyYAML: `python read.py FOLDER`, JSON on stdout."""

import contextlib
import io
import json
import pathlib
import sys

import yaml
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

folder = pathlib.Path(sys.argv[1])
with contextlib.redirect_stdout(io.StringIO()):
    data = COCO(str(folder / "annotations-train.json"))
    results = [
        {"image_id": a["image_id"], "category_id": a["category_id"], "bbox": a["bbox"], "score": 1.0}
        for a in data.loadAnns(data.getAnnIds())
    ]
    scored = COCOeval(data, data.loadRes(results), "bbox")
    scored.evaluate()
    scored.accumulate()
    scored.summarize()

annotations = []
for one in data.loadAnns(data.getAnnIds()):
    mask = data.annToMask(one) if "segmentation" in one else None
    annotations.append(
        {
            "file": data.loadImgs(one["image_id"])[0]["file_name"],
            "category": data.loadCats(one["category_id"])[0]["name"],
            "bbox": one["bbox"],
            "area": one["area"],
            "keypoints": one.get("keypoints"),
            "pixels": None if mask is None else mask.flatten().tolist(),
        }
    )
described = yaml.safe_load((folder / "data.yaml").read_text())
print(json.dumps({"annotations": annotations, "precision": scored.stats[0], "yaml": described}))
