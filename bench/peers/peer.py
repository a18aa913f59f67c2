"""What every peer shares: the protocol, the inputs, the collation.

A peer is started with one JSON argument (case, files, batch size, threads), prepares its inputs, warms
up, and says {"ready": …}. Then each line "round SECONDS" on its input is answered by one line
{"count": images done, "seconds": time taken, "cpu": of it on a core}. An absent package is answered by {"absent": reason}.
"""

import importlib.metadata
import io
import json
import math
import os
import random
import sys
import tarfile
import time

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it would ask the network at import

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def spec():
    return json.loads(sys.argv[1])


def say(message):
    print(json.dumps(message), flush=True)


def photos(s):
    """Encoded photos, in memory."""
    return [open(path, "rb").read() for path in s["images"]]


def shard_images(s, limit=20_000):
    """Encoded images of tar shards, in memory."""
    found = []
    for path in s["shards"]:
        with tarfile.open(path) as tar:
            for member in tar:
                if member.isfile() and member.name.lower().endswith((".jpg", ".jpeg")):
                    found.append(tar.extractfile(member).read())
                if len(found) == limit:
                    return found
    return found


def must_be(package):
    """Two packages may share a module's name; the one that is measured must be the one that is named."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        raise ImportError(f"{package} is not installed") from None


def window(h, w):
    """RandomResizedCrop's (y, x, height, width): ten tries at most, then the whole."""
    for _ in range(10):
        area = h * w * random.uniform(0.08, 1)
        ratio = math.exp(random.uniform(math.log(3 / 4), math.log(4 / 3)))
        cw, ch = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < cw <= w and 0 < ch <= h:
            return random.randint(0, h - ch), random.randint(0, w - cw), ch, cw
    return 0, 0, h, w


def fraction(h, w, size=224):
    """The largest n of 8, 4, 2, 1 at which a window of h × w decoded at 1/n still has `size` pixels each way."""
    return next((n for n in (8, 4, 2) if min(h, w) >= n * size), 1)


def pil(data):
    from PIL import Image

    return Image.open(io.BytesIO(data)).convert("RGB")


def square(data):
    """A photo as a 224 × 224 PIL image: shorter side to 256, center crop."""
    from PIL import Image

    image = pil(data)
    w, h = image.size
    w, h = (256, int(256 * h / w)) if w <= h else (int(256 * w / h), 256)
    x, y = round((w - 224) / 2), round((h - 224) / 2)
    return image.resize((w, h), Image.Resampling.BILINEAR).crop((x, y, x + 224, y + 224))


def squares(s):
    return [square(data) for data in photos(s)]


def each(items, function):
    """Work on one item after another without end; a unit of work is one image."""
    at = 0

    def step():
        nonlocal at
        function(items[at % len(items)])
        at += 1
        return 1

    return step


def batches(items, size, one, collate):
    """Work on batches: `one` makes a row of each item, `collate` a batch of the rows."""
    at = 0

    def step():
        nonlocal at
        collate([one(items[(at + i) % len(items)]) for i in range(size)])
        at += size
        return size

    return step


def training(step, s, **about):
    """A step of a training with what is to be said of it: the time of the first one, which compiles where `s["compile"]` is."""
    start, used = time.perf_counter(), time.process_time()
    try:
        step()
    except Exception as error:
        if not s.get("compile"):
            raise
        # By a compiler that is missing or fails; the eager step goes on.
        said = str(error).strip() or type(error).__name__
        raise NotImplementedError(f"torch.compile failed: {said.splitlines()[0]}") from None
    step.about = {**about, "firstStepSeconds": time.perf_counter() - start, "firstStepProcessorSeconds": time.process_time() - used}
    return step


def serve(make, cpu=time.process_time, **packages):
    """`make(spec)` gives a function that does some work and returns the number of images it did."""
    try:
        step = make(spec())
    except ImportError as error:
        return say({"absent": f"cannot be imported: {error}"})
    except NotImplementedError as error:
        return say({"absent": str(error) or "has no such case"})
    until = time.perf_counter() + spec().get("warmup", 1)
    step()
    while time.perf_counter() < until:
        step()
    say({"ready": {"python": sys.version.split()[0], **packages, **getattr(step, "about", {})}})
    for line in sys.stdin:
        order = line.split()
        if order[:1] != ["round"]:
            break
        budget, count, start, used = float(order[1]), 0, time.perf_counter(), cpu()
        while (seconds := time.perf_counter() - start) < budget:
            count += step()
        if drain := getattr(step, "drain", None):  # work that is still under way on a device
            count += drain()
            seconds = time.perf_counter() - start
        say({"count": count, "seconds": seconds, "cpu": cpu() - used})
