/** Golden tensors, the backends to check them on, and how far off a result is. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { type BackendRequest, loadBackend } from '../../src/train/index.js';
import { InitScope, type Layer, type ParamSpec, Scope, type StatSpec } from '../../src/train/layers/layer.js';
import { registerKernels } from '../../src/train/ops/kernels.js';

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
export function errorOf(actual: tf.Tensor, expected: Golden): number {
  if (actual.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  const values = actual.dataSync();
  const largest = Math.max(...expected.values.map(Math.abs), 1e-6);
  const worst = expected.values.reduce((most, value, i) => Math.max(most, Math.abs(values[i] - value)), 0);
  return Number.isNaN(worst) ? worst : worst / largest;
}

const NAMES = ['tensorflow', 'wasm', 'cpu'] as const satisfies BackendRequest[];

/** Those that load here; 'wasm' and 'cpu' always must. */
export async function backendsHere(): Promise<(typeof NAMES)[number][]> {
  try {
    await loadBackend('tensorflow');
    return [...NAMES];
  } catch {
    return ['wasm', 'cpu'];
  }
}

export async function useBackend(name: (typeof NAMES)[number]): Promise<void> {
  await loadBackend(name);
  registerKernels();
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
