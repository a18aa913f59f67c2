/** A graph through StableHLO and a PJRT plugin, compared with itself run by TensorFlow.js. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll } from 'vitest';
import { traceFunction } from '../../../src/graph/index.js';
import { openPjrt, type Pjrt } from '../../../src/graph/pjrt/index.js';
import { type StableHloOptions, writeStableHlo } from '../../../src/graph/stablehlo/write.js';
import { withPlugin } from '../pjrt/with-plugin.js';

export type Tensors = Record<string, tf.Tensor>;
type F = (inputs: Tensors) => tf.Tensor | Tensors;
type Values = Float32Array | Int32Array | Uint8Array;

let opened: Promise<Pjrt> | undefined;

/** Tests that run programs. */
export function withPrograms(title: string, tests: () => void): void {
  withPlugin(title, () => {
    afterAll(async () => {
      await (await opened)?.close();
      opened = undefined;
    });
    tests();
  });
}

interface Program {
  readonly text: string;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

/** What the program gives for the inputs; each output has the shape and type of a tensor of `outputs`. */
export async function runProgram({ text, inputs, outputs }: Program): Promise<Record<string, Values>> {
  opened ??= openPjrt();
  const session = await (await opened).createSession([]);
  try {
    const program = await session.loadProgram({ text, inputs: ports(inputs), outputs: ports(outputs) });
    const feed = Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, valuesOf(t)]));
    return (await program.step(feed)) as Record<string, Values>;
  } finally {
    await session.dispose();
  }
}

const ports = (tensors: Tensors) =>
  Object.entries(tensors).map(([name, { shape, dtype }]) => ({ name, shape, dtype: dtype as 'float32' }));

const valuesOf = (tensor: tf.Tensor): Values => tensor.dataSync().slice() as Values;

export function traced(f: F, inputs: Tensors) {
  const list = Object.entries(inputs).map(([name, { shape, dtype }]) => ({
    name,
    shape,
    dtype: dtype as 'float32',
  }));
  return traceFunction(f, { inputs: list });
}

/**
 * For each output how far the program is from TensorFlow.js: the largest difference relative to the largest finite number.
 * NaN and the infinite must be the same.
 */
export async function differences(
  f: F,
  inputs: Tensors,
  options: StableHloOptions = {},
): Promise<Record<string, number>> {
  const text = writeStableHlo(traced(f, inputs), options);
  const result = tf.tidy(() => f(inputs));
  const outputs = result instanceof tf.Tensor ? { output: result } : result;
  const got = await runProgram({ text, inputs, outputs });
  const apart = Object.entries(outputs).map(([name, tensor]) => [name, off(valuesOf(tensor), got[name])]);
  tf.dispose(outputs);
  return Object.fromEntries(apart);
}

/** Those of the differences that are too large. */
export const beyond = (most: number, differences: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(differences).filter(([, by]) => !(by <= most)));

export function off(mine: Values, theirs: Values): number {
  if (mine.length !== theirs.length) return Number.POSITIVE_INFINITY;
  let [worst, largest] = [0, 1e-6];
  for (const x of mine) if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
  for (let i = 0; i < mine.length; i++) {
    if (Object.is(mine[i], theirs[i]) || mine[i] === theirs[i]) continue;
    const by = Math.abs(mine[i] - theirs[i]) / largest;
    worst = Math.max(worst, Number.isFinite(by) ? by : Number.POSITIVE_INFINITY);
  }
  return worst;
}
