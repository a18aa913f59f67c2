/** What lies next to a plugin. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { cudaFolder } from '../../../src/graph/pjrt/index.js';

const folder = mkdtempSync(join(tmpdir(), 'rxaug-pjrt-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('the compiler of CUDA is found in the wheels next to a plugin, and nowhere else', () => {
  const plugin = join(folder, 'jax_plugins', 'xla_cuda13', 'xla_cuda_plugin.so');
  expect(cudaFolder(plugin)).toBeUndefined();
  mkdirSync(join(folder, 'nvidia', 'cudnn', 'lib'), { recursive: true });
  expect(cudaFolder(plugin)).toBeUndefined();
  mkdirSync(join(folder, 'nvidia', 'cuda_nvcc', 'nvvm', 'libdevice'), { recursive: true });
  expect(cudaFolder(plugin)).toBe(join(folder, 'nvidia', 'cuda_nvcc'));
});
