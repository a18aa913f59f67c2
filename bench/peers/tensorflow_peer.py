"""tf.data with Keras preprocessing layers, as the guides of TensorFlow have it: images are cropped one by one, layers
work on the batch. Photos are decoded by decode_and_crop_jpeg, so only the window (RandomResizedCrop's) is decoded.

One thread; no prefetch(), so a turn pays for all that it delivers.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import peer  # noqa: E402

try:
    import keras
    import numpy as np
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    versions = {"tensorflow": tf.__version__, "keras": keras.__version__}
except (ImportError, OSError) as error:
    failure, versions = error, {}
else:
    failure = None


def window(shape):
    """RandomResizedCrop's [y, x, height, width] in an image of this shape."""
    begin, size, _ = tf.image.sample_distorted_bounding_box(
        shape,
        tf.zeros([1, 0, 4]),
        area_range=(0.08, 1.0),
        aspect_ratio_range=(3 / 4, 4 / 3),
        max_attempts=10,
        use_image_if_no_bounding_boxes=True,
    )
    return tf.concat([begin[:2], size[:2]], 0)


def decoded_crop(data):
    image = tf.image.decode_and_crop_jpeg(data, window(tf.image.extract_jpeg_shape(data)), channels=3)
    return tf.image.resize(image, [224, 224])


def crop(image):
    y, x, h, w = tf.unstack(window(tf.shape(image)))
    return tf.image.resize(image[y : y + h, x : x + w], [224, 224])


def padded_crop(data):
    image = tf.image.decode_jpeg(data, channels=3)
    return tf.image.random_crop(tf.pad(image, [[4, 4], [4, 4], [0, 0]]), [32, 32, 3])


def normalize():
    variance = [(255 * s) ** 2 for s in peer.STD]
    return keras.layers.Normalization(mean=[255 * m for m in peer.MEAN], variance=variance)


def erase():
    # Half of the time: a factor of two equal ends is the probability itself. The range is that of normalized values.
    return keras.layers.RandomErasing(factor=(0.5, 0.5), scale=(0.02, 0.33), fill_value=0.0, value_range=(-3, 3))


def jitter():
    # In Keras's terms: brightness by a sum, saturation 0.5 for no change. The amounts are as near as they come.
    return keras.layers.RandomColorJitter(
        value_range=(0, 255), brightness_factor=0.4, contrast_factor=0.4, saturation_factor=(0.3, 0.7)
    )


def layers_of(case):
    flip = keras.layers.RandomFlip("horizontal")
    if case == "large-photos":
        return [flip, normalize()]
    if case == "cifar-32":
        return [flip, normalize(), erase()]
    if case == "randaugment-224":
        return [keras.layers.RandAugment(value_range=(0, 255), num_ops=2, factor=0.3)]
    if case == "augmix-224":
        return [keras.layers.AugMix(value_range=(0, 255), num_chains=3, chain_depth=3, factor=0.3)]
    if case in ("augment-224", "augment-224-decoded"):
        return [flip, jitter(), normalize(), erase()]
    raise NotImplementedError


def images_of(s):
    """The data set of single images, before the layers."""
    case = s["case"]
    if case == "cifar-32":
        return tf.data.Dataset.from_tensor_slices(peer.shard_images(s)).repeat().map(padded_crop)
    if case in ("augment-224", "large-photos"):
        return tf.data.Dataset.from_tensor_slices(peer.photos(s)).repeat().map(decoded_crop)
    if case == "augment-224-decoded":
        images = [tf.io.decode_jpeg(data, channels=3).numpy() for data in peer.photos(s)]
        signature = tf.TensorSpec([None, None, 3], tf.uint8)
        # Images of many sizes: kept in memory by cache(), so Python is asked for each once.
        return tf.data.Dataset.from_generator(lambda: images, output_signature=signature).cache().repeat().map(crop)
    squares = np.stack([np.asarray(image) for image in peer.squares(s)])
    return tf.data.Dataset.from_tensor_slices(squares).repeat()


def make(s):
    if failure:
        raise ImportError(failure)
    layers = layers_of(s["case"])

    def augment(images):
        images = tf.cast(images, tf.float32)
        for layer in layers:
            images = layer(images, training=True)
        return tf.cast(images, tf.uint8) if s["case"] in ("randaugment-224", "augmix-224") else images

    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    data = images_of(s).batch(s["batch"], drop_remainder=True).map(augment).with_options(options)
    batches = iter(data)
    return lambda: int(next(batches).shape[0])


if __name__ == "__main__":
    peer.serve(make, **versions)
