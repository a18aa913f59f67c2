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

it('bad samples of training are counted in the event of each epoch, and the epochs of the stream in the start', async () => {
  const image = { data: new Uint8Array(192), width: 8, height: 8, channels: 3 };
  const broken = (id: string) => ({ image: Buffer.from('not an image'), label: 0, id });
  const good = Array.from({ length: 8 }, (_, i) => ({ image, label: i % 2, id: `good-${i}` }));
  const items = () => [broken('first'), ...good, broken('second')];
  const stream$ = fromItems(items, { classes: ['a', 'b'], epochs: 2 }).pipe(
    batch(5, { workers: 0, maxBad: 1 }),
  );
  const events: TrainEvent[] = [];
  await train(stream$, { model: mlp(), backend: 'cpu' }).forEach((event) => {
    events.push(event);
  });
  expect(events[0]).toMatchObject({ kind: 'start', epochs: 2 });
  const leftOut = {
    count: 2,
    first: { id: 'first', reason: expect.stringMatching(/^first: expected a JPEG/) },
  };
  const epochs = events.filter((event) => event.kind === 'epoch');
  expect(epochs).toMatchObject([
    { samples: 8, leftOut },
    { samples: 8, leftOut },
  ]);
});
