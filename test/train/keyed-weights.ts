/** Weights whose every number follows from its tensor's name and its place, as in test/golden/train/imagenet.py. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Network } from '../../src/train/models/model.js';
import { axisOrder, reordered, storedShape } from '../../src/train/weights/stored-order.js';

/** Numbers in [−1, 1): FNV-1a of the name, and murmur3's finalizer over the place. */
export function uniformOf(name: string, count: number): Float32Array {
  let seed = 0x811c9dc5;
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return Float32Array.from({ length: count }, (_, i) => {
    let h = seed ^ Math.imul(i, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    return (h >>> 8) / 2 ** 23 - 1;
  });
}

/** A tensor of weights, by what its name says that it is. */
export function weightOf(name: string, shape: readonly number[]): Float32Array {
  const product = (sides: readonly number[]) => sides.reduce((all, side) => all * side, 1);
  const u = uniformOf(name, product(shape));
  if (name.endsWith('running_var')) return u.map((x) => 1 + 0.5 * x);
  if (name.endsWith('running_mean')) return u.map((x) => 0.1 * x);
  if (name === 'cls_token' || name === 'pos_embed') return u.map((x) => 0.5 * x);
  if (shape.length === 1) return u.map((x) => (name.endsWith('weight') ? 1 + 0.2 * x : 0.1 * x));
  const scale = Math.sqrt(3 / product(shape.slice(1)));
  return u.map((x) => scale * x);
}

export interface Stored {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype?: string;
  readonly bytes: Uint8Array;
}

export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

/** A float32 tensor for a file. */
export const stored = (name: string, shape: readonly number[], values = weightOf(name, shape)): Stored => ({
  name,
  shape,
  bytes: bytesOf(values),
});

/** The tensors of a model as a file has them, each with our name for it and the order of our axes. */
export function storedSpecs({ name: model, params, stats, weights }: Network) {
  if (!weights) throw new Error(`${model} has no layout`);
  return [...params, ...stats].map((spec) => {
    const order = 'kind' in spec && spec.kind === 'kernel' ? axisOrder(spec.shape.length) : undefined;
    const there = weights.stored(spec.name, order ? storedShape(spec.shape, order) : spec.shape);
    return {
      ...there,
      own: spec.name,
      part: 'kind' in spec ? ('params' as const) : ('stats' as const),
      order,
    };
  });
}

/** Numbers of such a tensor in the order of our axes. */
export const inOurOrder = ({ name, shape, order }: ReturnType<typeof storedSpecs>[number]): Float32Array =>
  order ? reordered(weightOf(name, shape), shape, order) : weightOf(name, shape);

/** The header of a file of tensors, with its length before it. */
export function headerOf(tensors: readonly Stored[], metadata?: Record<string, string>): Buffer {
  let at = 0;
  const entries = tensors.map(({ name, shape, dtype = 'F32', bytes }) => {
    const from = at;
    at += bytes.length;
    return [name, { dtype, shape, data_offsets: [from, at] }];
  });
  return withLength(
    JSON.stringify({ ...(metadata && { __metadata__: metadata }), ...Object.fromEntries(entries) }),
  );
}

export function withLength(json: string): Buffer {
  const text = Buffer.from(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text]);
}

/** Writes a file as safetensors' own library does. */
export function writeSafetensors(
  path: string,
  tensors: readonly Stored[],
  metadata?: Record<string, string>,
): void {
  const file = openSync(path, 'w');
  try {
    writeSync(file, headerOf(tensors, metadata));
    for (const { bytes } of tensors) writeSync(file, bytes);
  } finally {
    closeSync(file);
  }
}
