/** The peers of the cases with images: what runs each of them, and in which environment (bench/.venv without one). */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The library that our decoder loads, so that the peer by hand is not measured on another. */
const turbojpeg = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../node_modules/@julusian/jpeg-turbo/prebuilds',
  `jpeg-turbo-${process.platform}-${process.arch}`,
  'libturbojpeg.so.0',
);

const PEERS = {
  'torchvision-pil': { script: 'torchvision_pil.py' },
  'torchvision-pil-draft': { script: 'torchvision_pil.py' },
  'torchvision-tensor': { script: 'torchvision_tensor.py' },
  opencv: { script: 'opencv.py' },
  'opencv-tuned': { script: 'opencv.py' },
  'opencv-reduced': { script: 'opencv.py' },
  pyturbojpeg: {
    script: 'pyturbojpeg_peer.py',
    spec: { turbojpeg: existsSync(turbojpeg) ? turbojpeg : null },
  },
  albumentations: { script: 'albumentations_peer.py' },
  albumentationsx: { script: 'albumentations_peer.py', env: 'albumentationsx' },
  kornia: { script: 'kornia_peer.py' },
  dali: { script: 'dali_peer.py', env: 'dali' },
  'tf-data': { script: 'tensorflow_peer.py', env: 'tensorflow' },
  pillow: { script: 'prepare_peer.py' },
  'pillow-draft': { script: 'prepare_peer.py' },
  'opencv-prepare': { script: 'prepare_peer.py' },
  ffcv: { script: 'ffcv_peer.py', env: 'ffcv' },
};

export const peers = (...names) => Object.fromEntries(names.map((name) => [name, PEERS[name]]));
