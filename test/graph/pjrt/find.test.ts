/** What lies next to a plugin. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { cudaFolder } from '../../../src/graph/pjrt/index.js';
import { defaultsFor } from '../../../src/graph/pjrt/options.js';

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

it('memory of a GPU is taken as it is needed, by the plugin that its file names', () => {
  const folder = '/cache/cuda/xla';
  expect(defaultsFor(`${folder}/xla_cuda_plugin.so`)).toEqual({ preallocate: false });
  expect(defaultsFor(`${folder}/xla_rocm_plugin.so`)).toEqual({ preallocate: false });
  expect(defaultsFor(`${folder}/pjrt_c_api_cpu_plugin.so`)).toEqual({});
});
