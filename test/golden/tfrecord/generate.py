"""Small TFRecord files as TensorFlow writes them, and what they hold as expected.json.

Run from this folder with tensorflow-cpu 2.21.0 and Pillow 13.0.0: python generate.py
"""
import hashlib, io, json, os
import numpy as np
import tensorflow as tf
from PIL import Image as Pil

rng = np.random.default_rng(18)


def png(mode="RGB"):
    shape = (6, 8, 3) if mode == "RGB" else (6, 8)
    data = io.BytesIO()
    Pil.fromarray(rng.integers(0, 250, shape, dtype=np.uint8), mode).save(data, "png")
    return data.getvalue()


def b(*values):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=list(values)))


def i(*values):
    return tf.train.Feature(int64_list=tf.train.Int64List(value=list(values)))


def f(*values):
    return tf.train.Feature(float_list=tf.train.FloatList(value=list(values)))


N = 6
images = [png() for _ in range(N)]
masks = [png("L") for _ in range(N)]
labels = [k % 3 for k in range(N)]
names = ["ant", "bee", "cat"]
boxes = [[[0.125 * j, 0.25, 0.5 + 0.125 * j, 0.75] for j in range(k % 3)] for k in range(N)]
classes = [[1 + (k + j) % 2 for j in range(k % 3)] for k in range(N)]


def example(k):
    return tf.train.Example(features=tf.train.Features(feature={
        "image/encoded": b(images[k]), "image/class/label": i(labels[k]), "image/class/text": b(names[labels[k]].encode()),
        "image/segmentation/class/encoded": b(masks[k]), "image/filename": b(f"{k}.png".encode()), "image/height": i(6),
        **{f"image/object/bbox/{side}": f(*[box[at] for box in boxes[k]]) for at, side in enumerate(["xmin", "ymin", "xmax", "ymax"])},
        "image/object/class/label": i(*classes[k]),
        "image/object/class/text": b(*[["wing", "leg"][c - 1].encode() for c in classes[k]]),
        "negative": i(-5, 2**62), "shares": f(0.25, 0.75),
    })).SerializeToString(deterministic=True)


for name, compression in [("plain", None), ("packed", "GZIP"), ("packed-zlib", "ZLIB")]:
    with tf.io.TFRecordWriter(f"{name}.tfrecord", compression) as out:
        for k in range(N):
            out.write(example(k))

with open("expected.json", "w") as out:
    json.dump({"images": [hashlib.sha256(x).hexdigest() for x in images], "masks": [hashlib.sha256(x).hexdigest() for x in masks],
               "labels": labels, "names": names, "boxes": boxes, "classes": classes}, out)
print({n: os.path.getsize(n) for n in sorted(os.listdir("."))})
