"""NVIDIA DALI on its CPU operators: no GPU and no driver is needed (device_id=None).

The pipeline runs when it is asked and no sooner (exec_async and exec_pipelined off), so a turn pays for all that it
delivers. Photos are decoded by image_random_crop, which draws the window and decodes only what it covers.
"""

import peer

try:
    import numpy as np
    import nvidia.dali as dali
    from nvidia.dali import fn, types
    from nvidia.dali.auto_aug import rand_augment, trivial_augment

    versions = {"nvidia-dali": dali.__version__, "numpy": np.__version__}
except (ImportError, OSError) as error:
    failure, versions = error, {}
else:
    failure = None

WINDOW = {"random_area": [0.08, 1.0], "random_aspect_ratio": [3 / 4, 4 / 3], "num_attempts": 10}


def coin():
    return fn.random.coin_flip(probability=0.5)


def uniform(low, high):
    return fn.random.uniform(range=[low, high])


def jitter(images):
    change = [uniform(0.6, 1.4) for _ in range(3)]
    return fn.color_twist(images, brightness=change[0], contrast=change[1], saturation=change[2])


def normalize(images):
    mean, std = [255 * m for m in peer.MEAN], [255 * s for s in peer.STD]
    return fn.crop_mirror_normalize(
        images, mirror=coin(), mean=mean, std=std, dtype=types.FLOAT, output_layout="HWC"
    )


def erase(images):
    """One rectangle, half of the time: its sides have no size otherwise."""
    area, log_ratio = uniform(0.02, 0.33), uniform(-1.2, 1.2)
    ratio = dali.math.exp(log_ratio)
    on = fn.cast(coin(), dtype=types.FLOAT)
    h, w = dali.math.sqrt(area / ratio) * on, dali.math.sqrt(area * ratio) * on
    y, x = uniform(0, 1) * dali.math.max(1 - h, 0), uniform(0, 1) * dali.math.max(1 - w, 0)
    where = {"anchor": fn.stack(y, x), "shape": fn.stack(h, w), "axis_names": "HW"}
    return fn.erase(images, **where, normalized_anchor=True, normalized_shape=True, fill_value=0)


def decoded_crop(encoded):
    images = fn.decoders.image_random_crop(encoded, device="cpu", output_type=types.RGB, **WINDOW)
    return fn.resize(images, size=[224, 224], interp_type=types.INTERP_LINEAR, antialias=False)


def crop(images):
    how = {"interp_type": types.INTERP_LINEAR, "antialias": False}
    return fn.random_resized_crop(images, size=[224, 224], **WINDOW, **how)


def padded_crop(encoded):
    """Four pixels of black on each side, then 32 × 32 from anywhere."""
    images = fn.decoders.image(encoded, device="cpu", output_type=types.RGB)
    at = {"crop_pos_x": uniform(0, 1), "crop_pos_y": uniform(0, 1)}
    padded = fn.crop(images, crop=(40, 40), out_of_bounds_policy="pad", fill_values=0)
    return fn.crop(padded, crop=(32, 32), **at)


GRAPHS = {
    "augment-224": lambda data: erase(normalize(jitter(decoded_crop(data)))),
    "augment-224-decoded": lambda data: erase(normalize(jitter(crop(data)))),
    "large-photos": lambda data: normalize(decoded_crop(data)),
    "cifar-32": lambda data: erase(normalize(padded_crop(data))),
    "randaugment-224": lambda data: rand_augment.rand_augment(data, n=2, m=9, shape=(224, 224)),
    "trivialaugment-224": lambda data: trivial_augment.trivial_augment_wide(data, shape=(224, 224)),
}


def items_of(s):
    case = s["case"]
    if case == "cifar-32":
        return [np.frombuffer(d, np.uint8) for d in peer.shard_images(s)]
    if case in ("augment-224", "large-photos"):
        return [np.frombuffer(d, np.uint8) for d in peer.photos(s)]
    if case == "augment-224-decoded":
        return [np.asarray(peer.pil(d)) for d in peer.photos(s)]
    return [np.asarray(image) for image in peer.squares(s)]


def make(s):
    if failure:
        raise ImportError(failure)
    graph = GRAPHS.get(s["case"])
    if not graph:
        raise NotImplementedError
    items, size, at = items_of(s), s["batch"], 0
    layout = None if items[0].ndim == 1 else "HWC"

    def feed():
        nonlocal at
        rows = [items[(at + i) % len(items)] for i in range(size)]
        at += size
        return rows

    @dali.pipeline_def(
        batch_size=size,
        num_threads=1,
        device_id=None,
        exec_async=False,
        exec_pipelined=False,
        enable_conditionals=True,
    )
    def pipeline():
        return graph(fn.external_source(feed, layout=layout))

    run = pipeline()
    run.build()

    def step():
        (batch,) = run.run()
        batch.as_array()  # one block of memory, as all contestants deliver
        return size

    return step


if __name__ == "__main__":
    peer.serve(make, **versions)
