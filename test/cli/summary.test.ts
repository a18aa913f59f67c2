import { describe, expect, it } from 'vitest';
import { Summary, sentenceFor } from '../../src/cli/summary.js';
import type { DoneEvent, StartEvent } from '../../src/core/events.js';

const start: StartEvent = { kind: 'start', model: 'mlp', parameters: 7, backend: 'cpu', seed: 0 };
const done: DoneEvent = {
  kind: 'done',
  step: 12,
  epochs: 3,
  train: { loss: 0.5, accuracy: 0.7 },
  validation: { loss: 0.4, accuracy: 0.6 },
  gap: 0.1,
  seconds: 2,
  imagesPerSecond: 100,
};

describe('Summary', () => {
  it('summarizes one training', () => {
    const summary = new Summary();
    summary.add(start);
    summary.add(done);
    const json = JSON.parse(JSON.stringify(summary));
    expect(json).toEqual({
      testAccuracy: 0.6,
      trainAccuracy: 0.7,
      gap: 0.1,
      testLoss: 0.4,
      trainLoss: 0.5,
      imagesPerSecond: 100,
      epochs: 3,
      steps: 12,
      seconds: 2,
      model: 'mlp',
      parameters: 7,
      backend: 'cpu',
    });
    expect(sentenceFor(json)).toBe(
      'test accuracy 60.0 %, train accuracy 70.0 %, gap 10.0 %, 3 epochs, 100 images/s',
    );
  });

  it('says nothing of speed where nothing was trained', () => {
    const { imagesPerSecond: _, ...finished } = done;
    const summary = new Summary();
    summary.add(finished);
    const json = JSON.parse(JSON.stringify(summary));
    expect(json).not.toHaveProperty('imagesPerSecond');
    expect(sentenceFor(json)).toBe('test accuracy 60.0 %, train accuracy 70.0 %, gap 10.0 %, 3 epochs');
  });

  it('takes the accuracy on clean training images where there is one', () => {
    const summary = new Summary();
    summary.add({ ...done, clean: { loss: 0.1, accuracy: 0.9 } });
    expect(summary.toJSON()).toMatchObject({ trainAccuracy: 0.9, trainLoss: 0.1 });
  });

  it('lists several trainings separately, with the results of the pipeline', () => {
    const summary = new Summary();
    summary.add({ ...start, run: 'a' });
    summary.add({ ...done, run: 'a' });
    summary.add({ ...done, run: 'b', validation: { loss: 1, accuracy: 0.2 }, stopped: 'aborted' });
    summary.add({ kind: 'result', values: { better: 'a' } });
    summary.add({ kind: 'file', path: 'x.png', what: 'a picture' });
    const json = summary.toJSON();
    expect(json).not.toHaveProperty('testAccuracy');
    expect(json).toMatchObject({
      runs: { a: { testAccuracy: 0.6, model: 'mlp' }, b: { testAccuracy: 0.2, stopped: 'aborted' } },
      better: 'a',
      files: [{ path: 'x.png', what: 'a picture' }],
    });
  });
});
