/** Small ONNX models of colors, and images of one color each, whose scores can be computed by hand. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll } from 'vitest';
import { traceFunction, writeOnnx } from '../../src/graph/index.js';
import { encodeImage } from '../../src/io/encode.js';
import type { OpenedDataset } from '../../src/io/index.js';
import { dataset } from './here.js';

/** A folder of a test file: models that are saved in it, and outputs that are not there yet. */
export function modelFolder(name: string) {
  const root = mkdtempSync(join(tmpdir(), `rxaug-${name}-`));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  let [files, outs] = [0, 0];
  return {
    root,
    saved(bytes: Uint8Array): string {
      const file = join(root, `${files++}.onnx`);
      writeFileSync(file, bytes);
      return file;
    },
    freshOut: () => join(root, `out-${outs++}`),
  };
}

export const COLORS = ['red', 'green', 'blue'];

type F = (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;

/** An ONNX file of a function; null is an open size. */
export function onnx(
  run: F,
  inputs: Readonly<Record<string, readonly (number | null)[]>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const list = Object.entries(inputs).map(([name, shape]) => ({ name, shape: [...shape] }));
  return writeOnnx(traceFunction(run, { inputs: list, kernels: 'standard' }), { metadata });
}

const named = { classes: JSON.stringify(COLORS) };

/** Logits of red, green and blue: 8 times their mean. */
export const colorClassifier = (side = 8): Uint8Array =>
  onnx(
    ({ images }) => ({ logits: tf.mul(tf.mean(images!, [1, 2]), 8) }),
    { images: [null, side, side, 3] },
    named,
  );

/** One number: the mean of all, as a critic in [−1, 1]. */
export const brightness = (): Uint8Array =>
  onnx(
    ({ images }) => ({ score: tf.mean(images!, [1, 2, 3]) }),
    { images: [null, 8, 8, 3] },
    { pixels: '-1..1' },
  );

/** One number: how much there is of the color that is asked about. */
export const critic = (): Uint8Array =>
  onnx(
    ({ images, classes }) => ({ score: tf.sum(tf.mul(tf.mean(images!, [1, 2]), classes!), 1) }),
    { images: [null, 8, 8, 3], classes: [null, 3] },
    { ...named, pixels: '-1..1' },
  );

/** What `colorClassifier` gives for values in 0..1. */
export function probabilitiesOf(rgb: readonly number[]): number[] {
  const powers = rgb.map((value) => Math.exp((8 * value) / 255));
  const sum = powers.reduce((total, x) => total + x, 0);
  return powers.map((x) => x / sum);
}

export interface Painted {
  readonly rgb: readonly [number, number, number];
  /** Number of its class in the source. */
  readonly label: number;
}

/** PNG files of one color each, by id. */
export async function painted(
  dir: string,
  images: Readonly<Record<string, Painted>>,
  classes: readonly string[] = COLORS,
): Promise<OpenedDataset> {
  for (const [id, { rgb }] of Object.entries(images)) {
    const path = join(dir, id);
    mkdirSync(dirname(path), { recursive: true });
    const data = Uint8Array.from({ length: 3 * 64 }, (_, i) => rgb[i % 3]!);
    writeFileSync(path, await encodeImage({ data, width: 8, height: 8 }, 'png'));
  }
  const labels = Object.fromEntries(Object.entries(images).map(([id, { label }]) => [id, label]));
  return dataset(dir, labels, classes);
}
