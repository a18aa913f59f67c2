/**
 * NVIDIA's libraries that set-up puts next to a plugin. The plugin finds most of them by its own run path, but cuDNN looks for
 * libnvrtc where it is not; a library that is loaded already is found by its name alone. JAX loads the same ones first.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';

/** In an order in which each comes after those that it uses. */
const NAMES = [
  ...['libcudart', 'libnvrtc', 'libnvJitLink', 'libcublasLt', 'libcublas', 'libnccl', 'libcupti'],
  ...['libcusparse', 'libcusolver', 'libcufft', 'libcudnn'],
];

/** Their files; none for a plugin that stands alone. */
export function nvidiaLibraries(plugin: string): string[] {
  const root = path.resolve(path.dirname(plugin), '..', '..', 'nvidia');
  const files = namesIn(root).flatMap((part) =>
    namesIn(path.join(root, part, 'lib')).map((name) => path.join(root, part, 'lib', name)),
  );
  return NAMES.flatMap((name) =>
    files.filter((file) => new RegExp(`^${name}\\.so\\.\\d+$`).test(path.basename(file))),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
