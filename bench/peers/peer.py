"""What every peer shares: the protocol, the inputs, the collation.

A peer is started with one JSON argument (case, files, batch size, threads), prepares its inputs, warms
up, and says {"ready": …}. Then each line "round SECONDS" on its input is answered by one line
{"count": images done, "seconds": time taken, "cpu": of it on a core}. An absent package is answered by {"absent": reason}.
"""

import io
import json
import os
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


def pil(data):
    from PIL import Image

    return Image.open(io.BytesIO(data)).convert("RGB")


def squares(s):
    """Photos as 224 × 224 PIL images: shorter side to 256, center crop."""
    from torchvision.transforms import v2

    prepare = v2.Compose([v2.Resize(256), v2.CenterCrop(224)])
    return [prepare(pil(data)) for data in photos(s)]


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


def serve(make, **packages):
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
    say({"ready": {"python": sys.version.split()[0], **packages}})
    for line in sys.stdin:
        order = line.split()
        if order[:1] != ["round"]:
            break
        budget, count, start, used = float(order[1]), 0, time.perf_counter(), time.process_time()
        while (seconds := time.perf_counter() - start) < budget:
            count += step()
        say({"count": count, "seconds": seconds, "cpu": time.process_time() - used})
