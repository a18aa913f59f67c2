"""PyTurboJPEG and OpenCV by hand: the header is read, the window drawn, and only the window decoded, at 1/2, 1/4 or
1/8 where it is large enough; the rest is `opencv-tuned`.

PyTurboJPEG reads headers and decodes whole images; cropped decoding is in the library below it (tj3SetCroppingRegion)
and not in the package, so it is called there through ctypes. The library is the file that s["turbojpeg"] names.
"""

import ctypes
import os

import peer

try:
    import cv2
    import numpy as np
    import opencv
    import turbojpeg

    if opencv.failure:
        raise opencv.failure
    versions = {"pyturbojpeg": turbojpeg.__version__, **opencv.versions}
except ImportError as error:
    failure, versions = error, {}
else:
    failure = None

RGB, DECOMPRESS = 0, 1  # TJPF_RGB, TJINIT_DECOMPRESS
WHOLE_BLOCK = {0: 8, 1: 16, 2: 16, 3: 8, 4: 8, 5: 32}  # width of an iMCU by subsampling: 444 422 420 gray 440 411


class Factor(ctypes.Structure):
    _fields_ = [("num", ctypes.c_int), ("denom", ctypes.c_int)]


class Region(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int), ("w", ctypes.c_int), ("h", ctypes.c_int)]


class Window:
    """Decodes a part of an image."""

    def __init__(self, path):
        self.tj = turbojpeg.TurboJPEG(path)
        lib = self.lib = ctypes.CDLL(path)
        lib.tj3Init.restype = ctypes.c_void_p
        lib.tj3GetErrorStr.restype = ctypes.c_char_p
        lib.tj3GetErrorStr.argtypes = [ctypes.c_void_p]
        lib.tj3DecompressHeader.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        lib.tj3SetScalingFactor.argtypes = [ctypes.c_void_p, Factor]
        lib.tj3SetCroppingRegion.argtypes = [ctypes.c_void_p, Region]
        lib.tj3Decompress8.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int, ctypes.c_int,
        ]  # fmt: skip
        self.handle = lib.tj3Init(DECOMPRESS)

    def checked(self, code):
        if code != 0:
            raise RuntimeError(self.lib.tj3GetErrorStr(self.handle).decode())

    def crop(self, data):
        """A window of RandomResizedCrop, with 224 pixels each way or as many as it has."""
        width, height, sampling, _ = self.tj.decode_header(data)
        y, x, h, w = peer.window(height, width)
        n = peer.fraction(h, w)
        # At 1/n: the window, and the columns left of it back to where a block begins.
        block = max(1, WHOLE_BLOCK[sampling] // n)
        x, y, w, h = x // n, y // n, w // n, h // n
        left = x % block
        part = np.empty((h, w + left, 3), np.uint8)
        size = len(data)
        self.checked(self.lib.tj3DecompressHeader(self.handle, data, size))
        self.checked(self.lib.tj3SetScalingFactor(self.handle, Factor(1, n)))
        self.checked(self.lib.tj3SetCroppingRegion(self.handle, Region(x - left, y, w + left, h)))
        out = part.ctypes.data_as(ctypes.c_void_p)
        self.checked(self.lib.tj3Decompress8(self.handle, data, size, out, part.strides[0], RGB))
        return cv2.resize(part[:, left:], (224, 224), interpolation=cv2.INTER_LINEAR)


def make(s):
    if failure:
        raise ImportError(failure)
    path = s["turbojpeg"]
    if not path or not os.path.exists(path):
        raise NotImplementedError("there is no libturbojpeg.so.0 of @julusian/jpeg-turbo for this system")
    opencv.normalize = opencv.by_table
    case, size = s["case"], s["batch"]
    if case == "cifar-32":
        whole = turbojpeg.TurboJPEG(path)
        one = lambda data, out: opencv.small(whole.decode(data, turbojpeg.TJPF_RGB), out)  # noqa: E731
        return opencv.into_batch(peer.shard_images(s), size, 32, one)
    crop = Window(path).crop
    if case == "augment-224":
        finish = opencv.jittered
    elif case == "large-photos":
        finish = opencv.normalize
    else:
        raise NotImplementedError
    return opencv.into_batch(peer.photos(s), size, 224, lambda data, out: finish(opencv.flipped(crop(data)), out))


if __name__ == "__main__":
    peer.serve(make, **versions)
