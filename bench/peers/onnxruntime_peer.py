"""onnxruntime from Python: the same files, the same threads, NumPy between encoder and decoder as one would write it."""

import os

import peer

try:
    import numpy as np
    import onnxruntime as ort

    versions = {"onnxruntime": ort.__version__, "numpy": np.__version__}
except ImportError as error:
    failure, versions = error, {}
else:
    failure = None


def session(s, name):
    options = ort.SessionOptions()
    options.intra_op_num_threads = s["threads"]
    options.inter_op_num_threads = 1
    path = os.path.join(s["models"], f"{name}.onnx")
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def latent(s, size):
    encode, decode = session(s, "encode"), session(s, "decode")
    (images,), (codes,) = encode.get_inputs(), decode.get_inputs()
    rng = np.random.default_rng(1)
    batch = rng.uniform(-1, 1, (size, *images.shape[1:])).astype(np.float32)  # [B, H, W, C]
    labels = np.arange(size) % 10

    def step():
        (code,) = encode.run(None, {images.name: batch})  # [B, L]
        sigma = np.stack([code[labels == c].std(0) for c in range(10)])
        noise = rng.standard_normal(code.shape, dtype=np.float32)
        (out,) = decode.run(None, {codes.name: code + 0.5 * sigma[labels] * noise})
        batch[:] = out
        return size

    return step


def gan(s, size):
    generate = session(s, "generate")
    shapes = {port.name: port.shape[1:] for port in generate.get_inputs()}
    rng = np.random.default_rng(1)
    batch = None
    (code,) = [name for name in shapes if name != "classes"]

    def step():
        nonlocal batch
        classes = np.eye(10, dtype=np.float32)[rng.integers(0, 10, size)]
        feeds = {code: rng.standard_normal((size, *shapes[code]), dtype=np.float32), "classes": classes}
        (batch,) = generate.run(None, feeds)
        return size

    return step


def make(s):
    if failure:
        raise ImportError(failure)
    return {"generative-latent": latent, "generative-gan": gan}[s["case"]](s, s["batch"])


if __name__ == "__main__":
    peer.serve(make, **versions)
