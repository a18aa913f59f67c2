/**
 * XLA: training steps and evaluations, compiled for the device of a PJRT plugin, an accelerator or the
 * processor. All else, such as their first run while they are recorded, runs on native TensorFlow, or else on WASM.
 */
import path from 'node:path';
import { messageOf, RxaugError } from '../../core/index.js';
import {
  type CompileFlags,
  cudaFolder,
  findPjrtPlugins,
  openPjrt,
  type Pjrt,
  type PjrtPlugin,
} from '../../graph/pjrt/index.js';
import type { BackendKind, Loaded } from './backend.js';
import { native } from './native.js';
import { wasm } from './wasm.js';

export const xla: BackendKind = {
  name: 'xla',
  auto: true,
  fix: 'run npx rxaug setup --xla cpu, or cuda13, cuda12 or rocm7 for a GPU',
  firstOnGpu: true,
  async loadOnGpu() {
    const plugins = findPjrtPlugins().filter(({ kind }) => kind !== 'cpu');
    if (plugins.length === 0) throw new RxaugError('XLA has no plugin for one');
    return start(plugins, true);
  },
  load: () => start(findPjrtPlugins(), false),
};

let device: Pjrt | undefined;

/** How XLA compiles for that device. */
export function xlaFlags(): CompileFlags {
  const folder = cudaFolder(xlaDevice().info.plugin);
  return folder === undefined ? {} : { xla_gpu_cuda_data_dir: folder };
}

/** The device that was opened last. */
export function xlaDevice(): Pjrt {
  if (!device) throw new RxaugError("xla: no device is open; loadBackend('xla') first");
  return device;
}

let last: Promise<unknown> = Promise.resolve();

/** One after the other: two at once would open two clients, and the second end the first. */
function start(plugins: readonly PjrtPlugin[], accelerated: boolean): Promise<Loaded> {
  const own = last.then(() => open(plugins, accelerated));
  last = own.catch(() => {});
  return own;
}

async function open(plugins: readonly PjrtPlugin[], accelerated: boolean): Promise<Loaded> {
  if (plugins.length === 0) throw new RxaugError('XLA has no PJRT plugin here');
  const failures: string[] = [];
  for (const plugin of plugins) {
    try {
      const opened = (await openAlready(plugin)) ?? (await openPjrt({ plugin: plugin.file }));
      try {
        if (accelerated && /^(cpu|host)$/i.test(opened.info.platform))
          throw new RxaugError(`the plugin ${plugin.file} computes on the processor`);
        return await beside(opened);
      } catch (error) {
        if (opened !== device) await opened.close();
        throw error;
      }
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new RxaugError(failures.join(' and '));
}

/**
 * The device that is open, if it is this plugin's and still answers: other trainings may be on it, and a second client would
 * want the memory of the first.
 */
async function openAlready(plugin: PjrtPlugin): Promise<Pjrt | undefined> {
  const there = device;
  if (there?.info.plugin !== path.resolve(plugin.file)) return undefined;
  try {
    await (await there.createSession([])).dispose();
    return there;
  } catch {
    return undefined; // its thread has ended, and its trainings get that error; another one is opened
  }
}

/** The device, and a backend of TensorFlow.js for what is not compiled. */
async function beside(opened: Pjrt): Promise<Loaded> {
  const eager = await native
    .load()
    .then((loaded) => ({ name: 'tensorflow' as const, loaded }))
    .catch(async () => ({ name: 'wasm' as const, loaded: await wasm.load() }));
  if (device !== opened) await device?.close();
  device = opened;
  const { platform, devices } = opened.info;
  return {
    title: `XLA on ${devices[0] ?? platform} (${platform}), beside ${eager.loaded.title}`,
    version: opened.info.platformVersion,
    threads: eager.loaded.threads,
    beside: { name: eager.name, version: eager.loaded.version },
    async close() {
      if (device === opened) device = undefined;
      await opened.close();
    },
  };
}
