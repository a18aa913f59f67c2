/** Which class is taken for which, and top-5: counted exactly, logits that are no numbers included. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Confusion, MOST_CLASSES, ranked } from '../../src/train/classification/confusion.js';
import { useBackend } from './golden.js';

const names = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`);

async function counted(classes: number, logits: number[][], truth: number[]): Promise<Confusion> {
  const values = tf.tidy(() =>
    ranked(tf.tensor2d(logits), tf.oneHot(tf.tensor1d(truth, 'int32'), classes).toFloat() as tf.Tensor2D),
  );
  const confusion = new Confusion(names(classes));
  confusion.add(await values.data());
  values.dispose();
  return confusion;
}

describe('Confusion', () => {
  beforeAll(() => useBackend('cpu'));

  it('counts by class what is right and what is taken for what', async () => {
    const { byClass, top5 } = await counted(
      3,
      [
        [2, 1, 0],
        [0, 1, 2],
        [0, 3, 1],
        [5, 1, 0],
      ],
      [0, 1, 1, 1],
    );
    expect(byClass).toEqual({
      classes: ['c0', 'c1', 'c2'],
      samples: [1, 3, 0],
      accuracy: [1, 1 / 3, null],
      confusion: [
        [1, 0, 0],
        [1, 1, 1],
        [0, 0, 0],
      ],
    });
    expect(top5).toBeUndefined();
  });

  it('counts for top-5 what is among the five largest logits, and nothing that is no number', async () => {
    const row = [6, 5, 4, 3, 2, 1, 0];
    expect((await counted(7, [row, row, row, row], [0, 4, 5, 6])).top5).toBe(0.5);
    const nan = row.map(() => Number.NaN);
    expect((await counted(7, [nan, row], [0, 0])).top5).toBe(0.5);
  });

  it('keeps no matrix above its number of classes', () => {
    expect(new Confusion(names(MOST_CLASSES)).byClass.confusion).toHaveLength(MOST_CLASSES);
    expect(new Confusion(names(MOST_CLASSES + 1)).byClass).not.toHaveProperty('confusion');
  });
});
