/** The bench for a GPU machine: steps opened for any size of batch, and the bundle, run on a plugin for the processor. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error the bench is plain JavaScript
import { atBatch, fromJson, lawOf, openGraph, toJson } from '../bench/gpu/open-graph.mjs';
// @ts-expect-error
import { PLANS } from '../bench/gpu/plan.mjs';
// @ts-expect-error
import { stage } from '../scripts/bundle/contents.mjs';
import { keyOf } from '../src/core/index.js';
import type { Graph } from '../src/graph/graph.js';
import { findPjrtPlugin } from '../src/graph/pjrt/index.js';
import { writeStableHlo } from '../src/graph/stablehlo/write.js';
import { loadBackend } from '../src/train/backends/index.js';
import { classification } from '../src/train/classification/task.js';
import { traceStep } from '../src/train/compiled/traced-step.js';
import { cnn } from '../src/train/models/index.js';
import { sgd } from '../src/train/optimizers/index.js';
import { withPlugin } from './graph/pjrt/with-plugin.js';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('constants that follow the size of the batch', () => {
  it('are a multiple, a part, or the correction of a variance', () => {
    expect(
      lawOf([
        [2, 128],
        [3, 192],
        [4, 256],
      ]),
    ).toEqual({ law: 'times', p: 64 });
    expect(
      lawOf([
        [2, 0.5],
        [3, Math.fround(1 / 3)],
        [4, 0.25],
      ]),
    ).toEqual({ law: 'over', p: 1 });
    const unbiased = (n: number) => Math.fround(n / (n - 1));
    expect(lawOf([2, 3, 4].map((B) => [B, unbiased(49 * B)]))).toEqual({ law: 'unbiased', p: 49 });
  });

  it('are refused where no law holds', () => {
    expect(() =>
      lawOf([
        [2, 4],
        [3, 9],
        [4, 16],
      ]),
    ).toThrow('a constant of the step is 4 for a batch of 2, 9 for');
  });
});

describe('a step opened for any batch', () => {
  let graphs: { batch: number; graph: Graph }[];
  beforeAll(async () => {
    const { tf } = await loadBackend('cpu');
    const spec = { input: [6, 6, 3] as const, classes: ['a', 'b'] };
    const task = classification({ model: cnn({ filters: [3] }), optimizer: sgd(), l2: 1e-4 })(spec);
    const state = task.init(keyOf(1));
    graphs = [7, 11, 13, 17].map((batch) => {
      const feed = {
        images: tf.randomUniform([batch, 6, 6, 3]),
        targets: tf.ones([batch, 2]).div(2),
        learningRate: tf.scalar(0.1),
      };
      return { batch, graph: traceStep(task, state, feed, { key: keyOf(1), progress: 0 }).traced.graph };
    });
  }, 120_000);

  it('is the one traced at a size that it was not made from', () => {
    const open = openGraph(graphs.slice(0, 3));
    const made = atBatch(fromJson(toJson(open)), 17) as Graph;
    // Fills stand first in an opened graph, so the lines have other numbers.
    const operations = (graph: Graph) => writeStableHlo(graph).replace(/%\d+/g, '%').split('\n').sort();
    expect(operations(made)).toEqual(operations(graphs[3].graph));
  });

  it('is refused where the trace that is kept for the check is another', () => {
    const [one, two, last] = graphs;
    const nodes = last.graph.nodes.map((node, i) =>
      i === 5 ? { ...node, attributes: { ...node.attributes, other: true } } : node,
    );
    expect(() => openGraph([one, two, { batch: 13, graph: { ...last.graph, nodes } }])).toThrow(
      'is not the one traced at 13: node 5',
    );
  });
});

describe('command lines', () => {
  const refused = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    expect(status).toBe(2);
    return stderr;
  };
  it('refuse what they do not know', () => {
    expect(refused('bench/gpu.mjs', '--device', 'tpu')).toContain(
      "expected --device to be gpu or cpu but received 'tpu'",
    );
    expect(refused('bench/gpu.mjs', '--quick', '--only', 'resnt50')).toContain(
      '--only resnt50 is in the name of no part; parts are correctness; small, batch 4, bfloat16; small,',
    );
    expect(refused('scripts/bundle.mjs')).toContain('expected --gpu');
    expect(refused('scripts/bundle.mjs', '--gpu', '--out', 'x.zip')).toContain("received 'x.zip'");
    expect(refused('scripts/bundle.mjs', '--gpu', '--plugin', 'no.so')).toContain("there is no 'no.so'");
  });
});

const python = spawnSync('python3', ['--version']).status === 0;
describe.skipIf(!python)(`run.sh of the bundle${python ? '' : ' (python3 is not here)'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxaug-run-sh-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const put = (path: string, text = '') => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode: 0o755 });
  };

  /** What Node is started with, in a folder whose Node only tells it. */
  function startOf(env: NodeJS.ProcessEnv) {
    copyFileSync(join(root, 'scripts/bundle/run.sh'), join(folder, 'run.sh'));
    put('node', '#!/bin/sh\necho "$RXAUG_PJRT_PLUGIN"; echo "$XLA_FLAGS"; echo "$@"\n');
    const { stdout, stderr } = spawnSync('sh', [join(folder, 'run.sh'), '--only', 'resnet50'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, PYTHONPATH: join(folder, 'site'), ...env },
    });
    const [plugin, flags, args] = stdout.split('\n');
    return { plugin, flags: flags.trim(), args, stderr };
  }

  it("takes the plugin of JAX's newest CUDA, and tells XLA where CUDA is", () => {
    put('site/jax_plugins/xla_cuda12/xla_cuda_plugin.so');
    put('site/jax_plugins/xla_cuda13/xla_cuda_plugin.so');
    put('site/nvidia/cu13/nvvm/libdevice/libdevice.10.bc');
    const { plugin, flags, args } = startOf({});
    expect(plugin).toBe(join(folder, 'site/jax_plugins/xla_cuda13/xla_cuda_plugin.so'));
    expect(flags).toBe(`--xla_gpu_cuda_data_dir=${join(folder, 'site/nvidia/cu13')}`);
    expect(args).toBe(`${join(folder, 'bench/gpu.mjs')} --python python3 --only resnet50`);
  });

  it('leaves a plugin and flags that are given', () => {
    const given = startOf({ RXAUG_PJRT_PLUGIN: '/mine.so', XLA_FLAGS: '--xla_gpu_cuda_data_dir=/cuda' });
    expect(given.plugin).toBe('/mine.so');
    expect(given.flags).toBe('--xla_gpu_cuda_data_dir=/cuda');
  });
});

describe("PyTorch's side of the bundle", () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxaug-bundle-peers-'));
  beforeAll(() => stage(root, folder), 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const source = (name: string) => readFileSync(join(folder, 'bench/peers', `${name}.py`), 'utf8');

  it('has every module of ours that it imports', () => {
    const seen = new Set(['pytorch_step']);
    for (const name of seen) // it grows meanwhile
      for (const [, other] of source(name).matchAll(/^ *(?:import|from) (peer|pytorch_\w+)/gm)) {
        expect(
          existsSync(join(folder, 'bench/peers', `${other}.py`)),
          `${other}, which ${name} imports`,
        ).toBe(true);
        seen.add(other as string);
      }
    expect(seen).toContain('peer');
    expect(seen).toContain('pytorch_models');
  });

  it('has every network that is measured', () => {
    const [, table = ''] = /^NETWORKS = \{\n(.*?)^\}/ms.exec(source('pytorch_step')) ?? [];
    const known = [...table.matchAll(/^ +"([^"]+)":/gm)].map(([, name]) => name);
    const plans = Object.values(PLANS) as { contests: { model: string; streamed?: boolean }[] }[];
    const asked = plans.flatMap(({ contests }) => contests.filter(({ streamed }) => !streamed));
    for (const { model } of asked) expect(known).toContain(model);
  });
});

withPlugin('the bundle on a processor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rxaug-bundle-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('measures every kind of part away from the clone', async () => {
    await stage(root, folder);
    const { stdout, stderr } = spawnSync(
      'sh',
      ['run.sh', '--device', 'cpu', '--quick', '--rounds', '1', '--turn', '0.1'],
      {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          RXAUG_PJRT_PLUGIN: findPjrtPlugin()?.file,
          PYTHON: 'no-python',
          NODE_OPTIONS: '',
        },
      },
    );
    const told = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(told.leftOut, stderr).toEqual([]);
    expect(told.machine.xla.platform).toBe('cpu');
    expect(told.correctness).toMatchObject({ passed: true, masks: { numbers: 7000, different: 0 } });
    expect(Object.keys(told.correctness.models)).toEqual(['small', 'small-dropout']);
    const [step, fed] = told.contests;
    expect(step.imagesPerSecond.xla.median).toBeGreaterThan(0);
    expect(step.absent).toEqual({
      'pytorch eager': 'torch is not installed',
      'pytorch compile': 'torch is not installed',
    });
    expect(step.about.xla.secondsToCompile).toBeGreaterThan(0);
    expect(Object.keys(fed.ratio)).toEqual(['cached batch', 'stream without a step']);
    expect(told.contests.map(({ error }: { error?: string }) => error)).toEqual([undefined, undefined]);
  }, 480_000);
});
