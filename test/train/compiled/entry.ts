/** A small training whose steps are the same every time, and the tensors that each step gets. */

import { Draws, fold, keyOf, tag } from '../../../src/core/index.js';
import { tf } from '../../../src/graph/tf.js';
import { type ClassifierOptions, classifier } from '../../../src/train/classification/task.js';
import { type Layer, type Model, model, sequential, sgd } from '../../../src/train/index.js';
import { build } from '../../../src/train/models/model.js';
import type { Tensors } from '../../../src/train/state/tensors.js';
import type { InputSpec, StepContext, Task } from '../../../src/train/task.js';

export type Feed = Tensors & { readonly learningRate: tf.Scalar };

export interface Made {
  readonly task: Task;
  /** New tensors, which the caller disposes of: the same for the same step. */
  feeds(step: number): Feed;
  /** Frees tensors that the task holds, such as those of a teacher. */
  dispose(): void;
}

export interface Entry {
  readonly name: string;
  /** Whether its steps draw noise, at least one of the first three. */
  readonly draws: boolean;
  /**
   * Deep networks on images this small multiply what rounding differs by, from step to step more: only their first step can
   * be compared, within a relative 1e-3.
   */
  readonly chaotic?: boolean;
  /** Call it when the backend is loaded. */
  make(): Made;
}

/** Steps of one training: progress goes from 0 to 1 in as many. */
export const STEPS = 6;
export const BATCH = 9;
export const CLASSES = ['a', 'b', 'c'];

/** What the trainer gives to a step besides tensors. */
export function contextAt(step: number): StepContext {
  return { key: fold(keyOf(5), tag('step'), step), progress: step / STEPS };
}

export interface Look {
  /** [H, W, C] */
  readonly input: readonly number[];
  /** Whole numbers 0..whole − 1 in place of pixels, for an embedding. */
  readonly whole?: number;
  readonly learningRate?: number;
  /** Name of the targets among the feed. */
  readonly targets?: 'targets' | 'classes';
}

/** Images whose mean tells the class, labels of which every second is mixed, and a rate that falls. */
export function feedsOf({ input, whole, learningRate = 0.05, targets = 'targets' }: Look): Made['feeds'] {
  const size = input.reduce((product, side) => product * side, 1);
  return (step) => {
    const draws = new Draws(fold(keyOf(6), step));
    const images = new Float32Array(BATCH * size);
    const shares = new Float32Array(BATCH * CLASSES.length);
    for (let i = 0; i < BATCH; i++) {
      // Images of a class stand together, so that parts of a batch have pairs of a class.
      const label = (Math.floor(i / CLASSES.length) + step) % CLASSES.length;
      const mixed = targets === 'targets' && i % 2 === 1 ? 0.25 : 0;
      shares[i * CLASSES.length + label] += 1 - mixed;
      shares[i * CLASSES.length + ((label + 1) % CLASSES.length)] += mixed;
      for (let p = 0; p < size; p++) {
        images[i * size + p] = whole
          ? (label + draws.int(2)) % whole
          : Math.max(-1, Math.min(1, (label - 1) / 2 + 0.3 * draws.normal()));
      }
    }
    return {
      images: tf.tensor(images, [BATCH, ...input]),
      [targets]: tf.tensor2d(shares, [BATCH, CLASSES.length]),
      learningRate: tf.scalar(learningRate * (1 - step / (2 * STEPS))),
    };
  };
}

interface Rest {
  /** Default false. */
  readonly draws?: boolean;
  readonly options?: () => Partial<ClassifierOptions> & { dispose?(): void };
  readonly look?: Partial<Look>;
  readonly chaotic?: boolean;
}

export const spec = (input: readonly number[]): InputSpec => ({ input: [...input], classes: CLASSES });

/** A training of a classifier on images of 8×8 pixels by sgd, unless its options say otherwise. */
export function classifierEntry(
  name: string,
  of: Model,
  { draws = false, options = () => ({}), look = {}, chaotic }: Rest = {},
): Entry {
  const input = look.input ?? [8, 8, 3];
  return {
    name,
    draws,
    chaotic,
    make() {
      const { dispose = () => {}, ...given } = options();
      const task = classifier(build(of, spec(input)), { optimizer: sgd(), ...given });
      return { task, feeds: feedsOf({ ...look, input }), dispose };
    },
  };
}

/** A classifier of these layers, which get the number of classes. */
export function layersEntry(name: string, layers: (classes: number) => Layer[], rest?: Rest): Entry {
  return classifierEntry(
    name,
    model('layers', (classes) => sequential(layers(classes))),
    rest,
  );
}
