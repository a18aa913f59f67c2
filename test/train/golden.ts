/** Golden tensors, the backends to check them on, and how far off a result is. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, test } from 'vitest';
import { TFJS_BACKENDS, type TfjsBackend } from '../../src/train/backends/backend.js';
import { findAdapter, loadBackend } from '../../src/train/backends/index.js';
import { InitScope, type Layer, Scope, type StatSpec } from '../../src/train/layers/layer.js';
import type { ParamSpec } from '../../src/train/layers/param-spec.js';

export interface Golden {
  shape: number[];
  values: number[];
}

export function golden<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../golden/train/${file}`, import.meta.url), 'utf8')) as T;
}

export const tensorOf = ({ shape, values }: Golden) => tf.tensor(values, shape);

/** The same numbers as in generate.py. */
export function wave(n: number, phase: number, scale = 1): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => scale * Math.sin(0.37 * i + phase));
}

/** The largest difference, relative to the largest expected number; infinite when shapes differ. */
export async function offBy(actual: tf.Tensor, expected: Golden): Promise<number> {
  await actual.data(); // a GPU has no numbers before it is asked
  return errorOf(actual, expected);
}

/** Numbers of a tensor. */
export async function numbersOf(tensor: tf.Tensor): Promise<number[]> {
  return [...(await tensor.data())];
}

/** As `tf.tidy`, around work that waits for numbers. */
export async function tidied<T>(work: () => Promise<T> | T): Promise<T> {
  tf.engine().startScope('tidied');
  try {
    return await work();
  } finally {
    tf.engine().endScope();
  }
}

/** The same where numbers are at hand: not on WebGPU. */
export function errorOf(actual: tf.Tensor, expected: Golden): number {
  if (actual.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  const values = actual.dataSync();
  const largest = Math.max(...expected.values.map(Math.abs), 1e-6);
  const worst = expected.values.reduce((most, value, i) => Math.max(most, Math.abs(values[i] - value)), 0);
  return Number.isNaN(worst) ? worst : worst / largest;
}

/** Why a backend cannot run here; 'wasm' and 'cpu' always must. */
async function missing(name: TfjsBackend): Promise<string | undefined> {
  if (name === 'wasm' || name === 'cpu') return undefined;
  try {
    await (name === 'webgpu' ? findAdapter() : loadBackend(name)); // a software adapter will do
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const notHere = new Map<TfjsBackend, string>();
for (const name of TFJS_BACKENDS) {
  const why = await missing(name);
  if (why !== undefined) notHere.set(name, why);
}

/** The same tests on every backend; one that is not here counts as skipped and says why. */
export function onEveryBackend(
  title: string,
  tests: (name: TfjsBackend) => void,
  names: readonly TfjsBackend[] = TFJS_BACKENDS,
): void {
  for (const name of names) {
    const why = notHere.get(name);
    if (why === undefined) describe(title.replace('%s', name), () => tests(name));
    else test.skip(`${title.replace('%s', name)}: ${why}`);
  }
}

/** Those here whose numbers can be read at once: all but WebGPU. */
export async function backendsHere(): Promise<TfjsBackend[]> {
  return TFJS_BACKENDS.filter((name) => name !== 'webgpu' && !notHere.has(name));
}

export async function useBackend(name: TfjsBackend): Promise<void> {
  await loadBackend(name);
  // Else tfjs computes what is small in JavaScript, and all of our tensors are.
  if (name === 'webgpu') tf.env().set('WEBGPU_CPU_FORWARD', false);
}

export interface Declared {
  params: ParamSpec[];
  stats: StatSpec[];
  output: readonly number[];
}

/** What a layer declares for an input shape. */
export function declare(layer: Layer, input: readonly number[]): Declared {
  const params: ParamSpec[] = [];
  const stats: StatSpec[] = [];
  return { params, stats, output: layer.init(new InitScope({ params, stats }), input) };
}

/** A layer on its own, with tensors in place of a state. */
export function applyLayer(
  layer: Layer,
  x: tf.Tensor,
  params: Record<string, tf.Tensor> = {},
  {
    stats = {},
    training = true,
    key = { a: 1, b: 2 },
    progress = 0,
    condition,
  }: {
    stats?: Record<string, tf.Tensor>;
    training?: boolean;
    key?: { a: number; b: number };
    progress?: number;
    condition?: tf.Tensor2D;
  } = {},
): { y: tf.Tensor; updates: Record<string, tf.Tensor> } {
  const updates: Record<string, tf.Tensor> = {};
  const pass = { params, stats, training, key, progress, updates, losses: [], condition };
  const y = layer.apply(new Scope(pass), x);
  return { y, updates };
}
