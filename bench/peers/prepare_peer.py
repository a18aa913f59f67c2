"""Preparing a data set as people write it: a pool of processes that each read, augment and encode, and `webdataset`'s
ShardWriter. `pillow` decodes all of an image; `pillow-draft` draws the window first and lets libjpeg decode a fraction of
the size that still has enough pixels; `opencv-prepare` uses OpenCV on one thread a process, its bilinear resize does not
antialias. Photos go through a pool of samples to one writer; CIFAR's shards through a pool of shards, a writer each. They sync
nothing, check nothing and write no recipe.

Starting Python and importing is not counted; the pool, forked for each step, is.
"""

import io
import math
import multiprocessing
import os
import random
import resource
import shutil
import tempfile

import peer

try:
    import webdataset

    if peer.spec()["contestant"] == "opencv-prepare":
        import cv2
        import numpy as np

        cv2.setNumThreads(1)
        versions = {"opencv": cv2.__version__}
    else:
        import PIL.Image
        from PIL.Image import Resampling, Transpose

        versions = {"pillow": PIL.__version__}
    peer.must_be("webdataset")
    versions["webdataset"] = webdataset.__version__
    failure = None
except ImportError as error:
    failure, versions = error, {}

SIZE = 224


def of_pillow(image, s):
    if random.random() < 0.5:
        image = image.transpose(Transpose.FLIP_LEFT_RIGHT)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=s["quality"], subsampling=0)
    return out.getvalue()


def pillow(path, s):
    image = PIL.Image.open(path).convert("RGB")
    y, x, h, w = peer.window(image.height, image.width)
    return of_pillow(image.crop((x, y, x + w, y + h)).resize((SIZE, SIZE), Resampling.BILINEAR), s)


def pillow_draft(path, s):
    image = PIL.Image.open(path)
    width, height = image.size
    y, x, h, w = peer.window(height, width)
    image.draft("RGB", (math.ceil(width * SIZE / w), math.ceil(height * SIZE / h)))
    fx, fy = image.width / width, image.height / height
    box = (x * fx, y * fy, (x + w) * fx, (y + h) * fy)
    return of_pillow(image.convert("RGB").resize((SIZE, SIZE), Resampling.BILINEAR, box=box), s)


def of_opencv(image, s):
    if random.random() < 0.5:
        image = cv2.flip(image, 1)
    options = [cv2.IMWRITE_JPEG_QUALITY, s["quality"],
               cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]  # fmt: skip
    return cv2.imencode(".jpg", image, options)[1].tobytes()


def opencv(path, s):
    image = cv2.imread(path)
    y, x, h, w = peer.window(*image.shape[:2])
    return of_opencv(cv2.resize(image[y : y + h, x : x + w], (SIZE, SIZE)), s)


def small_pillow(data, s):
    image = PIL.Image.open(io.BytesIO(data)).convert("RGB")
    padded = PIL.Image.new("RGB", (image.width + 8, image.height + 8))
    padded.paste(image, (4, 4))
    x, y = random.randint(0, 8), random.randint(0, 8)
    return of_pillow(padded.crop((x, y, x + image.width, y + image.height)), s)


def small_opencv(data, s):
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    h, w = image.shape[:2]
    padded = cv2.copyMakeBorder(image, 4, 4, 4, 4, cv2.BORDER_CONSTANT)
    x, y = random.randint(0, 8), random.randint(0, 8)
    return of_opencv(padded[y : y + h, x : x + w], s)


PHOTO = {"pillow": pillow, "pillow-draft": pillow_draft, "opencv-prepare": opencv}
SMALL = {"pillow": small_pillow, "opencv-prepare": small_opencv}


def seeded():
    random.seed(os.urandom(8))  # a fork would draw what its brothers draw


def photo(task):
    i, path, s = task
    return {"__key__": f"{i:08}", "jpg": PHOTO[s["contestant"]](path, s), "cls": 0}


def shard(task):
    path, out, s = task
    count = 0
    pattern = os.path.join(out, os.path.basename(path) + "-%06d.tar")
    with webdataset.ShardWriter(pattern, maxcount=s["shard"], verbose=0) as sink:
        for sample in webdataset.WebDataset(path, shardshuffle=False):
            image = SMALL[s["contestant"]](sample["jpg"], s)
            sink.write({"__key__": sample["__key__"], "jpg": image, "cls": sample["cls"]})
            count += 1
    return count


def photos(pool, out, s):
    count = 0
    small = {key: s[key] for key in ("contestant", "quality")}
    tasks = [(i, path, small) for i, path in enumerate(s["images"] * s["times"])]
    random.shuffle(tasks)
    with webdataset.ShardWriter(os.path.join(out, "train-%06d.tar"), maxcount=s["shard"], verbose=0) as sink:
        for sample in pool.imap(photo, tasks, chunksize=8):
            sink.write(sample)
            count += 1
    return count


def shards(pool, out, s):
    small = {key: s[key] for key in ("contestant", "quality", "shard")}
    return sum(pool.imap_unordered(shard, [(path, out, small) for path in s["shards"]]))


def make(s):
    if failure:
        raise ImportError(failure)
    run = shards if s["case"] == "prepare-cifar" else photos

    def step():
        out = tempfile.mkdtemp(prefix="rxaug-bench-prepare-")
        try:
            pool = multiprocessing.Pool(s["threads"], seeded)
            count = run(pool, out, s)
            pool.close()
            pool.join()
            return count
        finally:
            shutil.rmtree(out)

    return step


def cpu():
    """Of this process and of those that have ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


peer.serve(make, cpu, **versions)
