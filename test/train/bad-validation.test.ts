/** What a validation stream has to leave out is told with its measurement. */
import { expect, it } from 'vitest';
import type { TrainEvent } from '../../src/core/events.js';
import { arrays, batch, fromItems } from '../../src/stream/index.js';
import { mlp, train } from '../../src/train/index.js';

it('bad samples of validation are named in the evaluation event', async () => {
  const classes = ['a', 'b'];
  const picture = { data: new Uint8Array(192), width: 8, height: 8, channels: 3 };
  const tested = () => [
    ...Array.from({ length: 9 }, (_, i) => ({ image: picture, label: i % 2, id: `good-${i}` })),
    { image: Buffer.from('not an image'), label: 0, id: 'broken' },
  ];
  const images = new Uint8Array(16 * 192);
  const labels = Array.from({ length: 16 }, (_, i) => i % 2);
  const batches$ = arrays({ images, labels, width: 8, height: 8, classes }).pipe(batch(8, { workers: 0 }));
  const validation = () => fromItems(tested, { classes }).pipe(batch(5, { workers: 0 }));
  const events: TrainEvent[] = [];
  await train(batches$, { model: mlp(), validation, backend: 'cpu' }).forEach((event) => {
    events.push(event);
  });
  const evaluation = events.find((event) => event.kind === 'evaluation');
  expect(evaluation).toMatchObject({
    samples: 9,
    bad: [{ id: 'broken', reason: expect.stringMatching(/^broken: expected a JPEG/) }],
  });
});
