"""Small Parquet files as Hugging Face's datasets and pyarrow write them, and what they hold as expected.json.

Run from this folder with pyarrow 26.0.1, datasets 5.2.0 and Pillow 13.0.0: python generate.py
"""
import hashlib, io, json, os
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image as Pil
from datasets import ClassLabel, Dataset, Features, Image, List, Sequence, Value

rng = np.random.default_rng(17)


def png(size=(8, 6), mode="RGB"):
    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    data = io.BytesIO()
    Pil.fromarray(rng.integers(0, 250, shape, dtype=np.uint8), mode).save(data, "png")
    return data.getvalue()


N = 7
images = [png() for _ in range(N)]
masks = [png(mode="L") for _ in range(N)]
labels = [i % 3 for i in range(N)]
boxes = [[[float(k), 1.0, 2.0 + k, 3.5] for k in range(i % 3)] for i in range(N)]
cats = [[(i + k) % 2 for k in range(i % 3)] for i in range(N)]
names = ["ant", "bee", "cat"]
rows = [
    {"image": {"bytes": images[i], "path": f"dir/{i}.png"}, "label": labels[i],
     "mask": {"bytes": masks[i], "path": None},
     "objects": {"bbox": boxes[i], "category": cats[i], "id": list(range(i % 3))}, "caption": f"row {i}"}
    for i in range(N)
]
expected = {
    "images": [hashlib.sha256(b).hexdigest() for b in images],
    "masks": [hashlib.sha256(b).hexdigest() for b in masks],
    "labels": labels, "boxes": boxes, "categories": cats, "names": names,
}

objects = {"bbox": Sequence(Value("float64"), length=4), "category": ClassLabel(names=["wing", "leg"]), "id": Value("int64")}


def features(kind):
    return Features({"image": Image(), "label": ClassLabel(names=names), "mask": Image(), "objects": kind, "caption": Value("string")})


as_lists = features(Sequence(objects))       # a struct of lists
as_structs = features(List(objects))         # a list of structs
structs = [{**r, "objects": [dict(zip(r["objects"], v)) for v in zip(*r["objects"].values())]} for r in rows]

Dataset.from_list(rows, features=as_lists).to_parquet("hf.parquet")
Dataset.from_list(structs, features=as_structs).to_parquet("hf-list.parquet", batch_size=3)

table = Dataset.from_list(rows, features=as_lists).data.table
for codec in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
    pq.write_table(table, f"codec-{codec}.parquet", compression=codec, data_page_version="1.0")
pq.write_table(table, "pages2.parquet", data_page_version="2.0", data_page_size=300, write_page_checksum=True,
               row_group_size=3, use_dictionary=False)
pq.write_table(table, "deltas.parquet", use_dictionary=False, column_encoding={
    "label": "DELTA_BINARY_PACKED", "image.bytes": "DELTA_LENGTH_BYTE_ARRAY", "mask.bytes": "DELTA_BYTE_ARRAY",
    "objects.category.list.element": "DELTA_BINARY_PACKED"})

# Plain binary images, names as labels, equal images stored once, and what is missing.
plain = pa.table({
    "img": pa.array([images[0], images[1], images[0], None, images[0], images[2]], pa.binary()),
    "class": pa.array(["cat", "ant", "cat", "cat", None, "ant"], pa.string()),
})
pq.write_table(plain, "plain.parquet")
# Distributions as labels, 8-bit integers, booleans.
pq.write_table(pa.table({
    "image": pa.array(images[:3], pa.large_binary()),
    "label": pa.array([[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]], pa.list_(pa.float32())),
    "small": pa.array([1, 0, 1], pa.int8()),
    "flag": pa.array([True, False, True], pa.bool_()),
}), "soft.parquet")

with open("expected.json", "w") as f:
    json.dump(expected, f)
print({n: os.path.getsize(n) for n in sorted(os.listdir(".")) if n.endswith(".parquet")})
