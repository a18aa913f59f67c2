"""Writes pixels.json: files of MosaicML's MDS and of NumPy, as their own packages write them.

pip install mosaicml-streaming==0.13.0 numpy pillow; python pixels.py
"""
import base64
import io
import json
import os
import shutil
import tempfile

import numpy as np
from PIL import Image
from streaming import MDSWriter

W, H = 5, 4


def picture(k):
    y, x = np.mgrid[0:H, 0:W]
    return np.stack([(x * 40 + k) % 256, (y * 50 + 2 * k) % 256, (x * y + 9 * k) % 256], -1).astype(np.uint8)


def folder(columns, rows, **options):
    out = tempfile.mkdtemp()
    shutil.rmtree(out)
    with MDSWriter(out=out, columns=columns, **options) as writer:
        for row in rows:
            writer.write(row)
    files = {n: base64.b64encode(open(os.path.join(out, n), 'rb').read()).decode() for n in sorted(os.listdir(out))}
    shutil.rmtree(out)
    return files


def npy(array, **options):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, **options)
    return base64.b64encode(out.getvalue()).decode()


def npz(compress, **arrays):
    out = io.BytesIO()
    (np.savez_compressed if compress else np.savez)(out, **arrays)
    return base64.b64encode(out.getvalue()).decode()


images = [Image.fromarray(picture(k)) for k in range(6)]
stack = np.stack([picture(k) for k in range(6)])
labels = np.array([2, 0, 1, 1, 0, 2])
soft = np.eye(3, dtype=np.float32)[labels] * 0.5 + np.float32(0.5 / 3)

golden = {
    'width': W,
    'height': H,
    'pixels': base64.b64encode(stack.tobytes()).decode(),
    'labels': labels.tolist(),
    'mds': {
        'png': folder({'image': 'png', 'label': 'int'},
                      [{'image': im, 'label': int(l)} for im, l in zip(images, labels)], size_limit=600),
        'pil': folder({'x': 'pil', 'y': 'int32', 'text': 'str'},
                      [{'x': im, 'y': np.int32(l), 'text': f'no {i}'} for i, (im, l) in enumerate(zip(images, labels))]),
        'names': folder({'img': 'png', 'label': 'str'},
                        [{'img': im, 'label': 'abc'[l]} for im, l in zip(images, labels)], hashes=['sha1']),
        'soft': folder({'image': 'png', 'label': 'ndarray:float32:3'},
                       [{'image': im, 'label': s} for im, s in zip(images, soft)]),
        'loose': folder({'image': 'png', 'label': 'ndarray'},
                        [{'image': im, 'label': s} for im, s in zip(images, soft)]),
        'json': folder({'image': 'png', 'label': 'json', 'boxes': 'json'},
                       [{'image': im, 'label': int(l), 'boxes': [{'box': [1, 1, 3, 2], 'label': 0}]}
                        for im, l in zip(images, labels)]),
        'zstd': folder({'image': 'png', 'label': 'int'},
                       [{'image': im, 'label': int(l)} for im, l in zip(images, labels)], compression='zstd'),
        'pkl': folder({'image': 'png', 'label': 'pkl'},
                      [{'image': im, 'label': int(l)} for im, l in zip(images, labels)]),
    },
    'npy': {
        'NHWC': npy(stack),
        'NCHW': npy(np.ascontiguousarray(stack.transpose(0, 3, 1, 2))),
        'NHW': npy(np.ascontiguousarray(stack[..., 0])),
        'NHWC version 2': npy(stack, version=(2, 0)),
        'fortran': npy(np.asfortranarray(stack)),
        'float32': npy(stack.astype(np.float32)),
        'object': npy(np.array([{}, 1], dtype=object), allow_pickle=True),
        'int64': npy(labels.astype('<i8')),
        'uint8': npy(labels.astype('u1')),
        'big int32': npy(labels.astype('>i4')),
        'soft': npy(soft),
        'names': npy(np.array(['abc'[l] for l in labels])),
    },
    'npz': {
        'stored': npz(False, x_train=stack, y_train=labels),
        'packed': npz(True, x_train=stack, y_train=labels),
    },
}
with open(os.path.join(os.path.dirname(__file__), 'pixels.json'), 'w') as out:
    json.dump(golden, out, indent=1)
    out.write('\n')
