/** A compiled training gives the same bits again, also after a stop, and continues on another engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { horizontalFlip, normalize } from '../../../src/augment/index.js';
import { linear } from '../../../src/core/index.js';
import { arrays, batch, pull } from '../../../src/stream/index.js';
import { type BackendName, loadBackend } from '../../../src/train/backends/index.js';
import { adamw, cosineDecay, mlp, train } from '../../../src/train/index.js';

const dir = mkdtempSync(join(tmpdir(), 'rxaug-bits-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const COUNT = 20; // the last batch of an epoch has half the size: a graph of its own
const STEPS = 9;
const data = {
  images: Uint8Array.from({ length: COUNT * 48 }, (_, i) => (i * 7919) % 251),
  labels: Array.from({ length: COUNT }, (_, i) => i % 2),
  width: 4,
  height: 4,
  classes: ['a', 'b'],
};

interface Options {
  readonly backend: BackendName;
  readonly compile?: boolean;
  readonly name: string;
  /** Stops after so many steps. */
  readonly stop?: number;
  readonly resume?: boolean;
}

/** Losses of the steps. */
async function losses({ name, stop, resume = false, compile = true, backend }: Options): Promise<number[]> {
  const controller = new AbortController();
  const seen: number[] = [];
  const batches$ = arrays(data, { epochs: 3, shuffle: true, seed: 1 }).pipe(
    horizontalFlip(),
    normalize(),
    batch(8, { workers: 0 }),
  );
  const events$ = train(batches$, {
    model: mlp({ hidden: [8], dropout: linear(0.1, 0.5) }),
    optimizer: adamw(),
    learningRate: cosineDecay(0.01),
    weightDecay: 0.1,
    ema: { decay: 0.9 },
    checkpoint: { dir: join(dir, name) },
    signal: controller.signal,
    resume,
    compile,
    backend,
  });
  for await (const event of pull(events$)) {
    if (event.kind === 'step') seen.push(event.metrics.loss);
    if (seen.length === stop) controller.abort();
  }
  return seen;
}

/** Why a backend cannot run here. */
async function missing(backend: BackendName): Promise<string | undefined> {
  try {
    (await loadBackend(backend)).dispose();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
const engines: [BackendName, string | undefined][] = [];
for (const backend of ['tensorflow', 'xla'] as const) {
  engines.push([backend, await missing(backend)]);
}

describe.each(engines)('compiled training on %s', (backend, absent) => {
  const here = test.skipIf(absent !== undefined);
  const because = absent === undefined ? '' : ` (skipped: ${absent})`;

  here(`again, and after a stop: to the bit${because}`, async () => {
    const whole = await losses({ backend, name: `${backend}-1` });
    expect(whole).toHaveLength(STEPS);
    expect(await losses({ backend, name: `${backend}-2` })).toEqual(whole);
    const name = `${backend}-3`;
    const first = await losses({ backend, name, stop: 4 });
    const rest = await losses({ backend, name, resume: true });
    expect(first.length).toBeLessThan(STEPS);
    expect([...first, ...rest]).toEqual(whole);
  });

  here(`after a stop in plain JavaScript, kernel by kernel: but for rounding${because}`, async () => {
    const whole = await losses({ backend, name: `${backend}-4` });
    const name = `${backend}-5`;
    const first = await losses({ backend: 'cpu', compile: false, name, stop: 4 });
    const rest = await losses({ backend, name, resume: true });
    const both = [...first, ...rest];
    expect(both).toHaveLength(STEPS);
    both.forEach((loss, i) => {
      expect(Math.abs(loss - whole[i])).toBeLessThanOrEqual(1e-4 * whole[i]);
    });
  });
});
