/**
 * Run by `rxaug doctor` in a process of its own, since drivers speak on stderr and a bad one ends its process: the
 * WebGPU adapter here, and what 'auto' would take. One line of JSON.
 */
import { messageOf } from '../../core/index.js';
import { type Adapter, findAdapter, loadBackend } from '../../train/backends/index.js';

export interface GpuProbe {
  readonly adapter?: Adapter;
  /** Why there is no adapter. */
  readonly missing?: string;
  readonly auto?: { readonly name: string; readonly why: string };
}

async function probe(): Promise<GpuProbe> {
  const found = await findAdapter().then(
    ({ info }) => ({ adapter: info }),
    (error) => ({ missing: messageOf(error) }),
  );
  const auto = await loadBackend('auto').then(
    ({ name, why }) => ({ auto: { name, why } }),
    () => ({}),
  );
  return { ...found, ...auto };
}

process.stdout.write(`\n${JSON.stringify(await probe())}\n`);
