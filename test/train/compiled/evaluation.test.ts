/** Evaluations that are compiled give what kernel by kernel gives, and where that cannot be done say so. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { normalize } from '../../../src/augment/index.js';
import type { TrainEvent } from '../../../src/core/events.js';
import { tf } from '../../../src/graph/tf.js';
import { arrays, batch, pull } from '../../../src/stream/index.js';
import { type BackendName, loadBackend } from '../../../src/train/backends/index.js';
import { type Engine, isState, resultsOf } from '../../../src/train/compiled/engine.js';
import { TensorFlowEngine } from '../../../src/train/compiled/tensorflow-engine.js';
import { XlaEngine } from '../../../src/train/compiled/xla-engine.js';
import {
  adamw,
  cnn,
  dense,
  flatten,
  type Layer,
  type Model,
  model,
  sequential,
  train,
} from '../../../src/train/index.js';

const SIDE = 6;
const classes = ['a', 'b', 'c', 'd', 'e', 'f', 'g']; // more than five, for top5
const data = (count: number, turn: number) =>
  arrays({
    images: Uint8Array.from({ length: count * SIDE * SIDE * 3 }, (_, i) => (i * 7919 * turn) % 251),
    labels: Array.from({ length: count }, (_, i) => (i * turn) % classes.length),
    ...{ width: SIDE, height: SIDE, classes },
  });

/** Batches of four: seven, the last of which has three images. */
const validation = () => data(27, 3).pipe(normalize(), batch(4, { workers: 0 }));

interface Options {
  readonly backend: BackendName;
  readonly compile: boolean | 'auto';
  readonly model?: Model;
}

async function eventsOf({
  backend,
  compile,
  model: own = cnn({ filters: [4] }),
}: Options): Promise<TrainEvent[]> {
  const batches$ = data(16, 1).pipe(normalize(), batch(8, { workers: 0 }));
  const found: TrainEvent[] = [];
  const options = {
    model: own,
    optimizer: adamw(),
    learningRate: 0.02,
    ema: { decay: 0.5 },
    epochs: 2,
    seed: 3,
  };
  for await (const event of pull(train(batches$, { ...options, validation, compile, backend })))
    found.push(event);
  return found;
}

const evaluations = (events: readonly TrainEvent[]) =>
  events.flatMap((event) => (event.kind === 'evaluation' ? [event] : []));

afterEach(() => vi.restoreAllMocks());

const engines = [
  // Of seven batches the first four are not compiled.
  { name: 'tensorflow' as const, Made: TensorFlowEngine, title: 'TensorFlow', compiled: 3 },
  { name: 'xla' as const, Made: XlaEngine, title: 'XLA', compiled: 7 },
];

for (const { name, Made, title, compiled } of engines) {
  const loads = await loadBackend(name).then(
    () => true,
    () => false,
  );
  describe.runIf(loads)(`on ${name}`, () => {
    test('they give the figures of kernels one by one', async () => {
      const runs = vi.spyOn(Made.prototype as Engine, 'begin');
      const own = await eventsOf({ backend: name, compile: true });
      const measures = runs.mock.calls.filter(([program]) => resultsOf(program).includes('judged'));
      expect(measures).toHaveLength(2 * compiled);
      // An evaluation moves nothing.
      for (const [{ graph }] of measures) expect(Object.keys(graph.outputs).filter(isState)).toEqual([]);
      expect(new Set(measures.map(([program]) => program)).size).toBe(2); // of four images, and of three
      expect(own[0]).toMatchObject({ kind: 'start', compiledBy: title });

      const plain = await eventsOf({ backend: name === 'xla' ? 'wasm' : name, compile: false });
      expect(plain[0]).not.toHaveProperty('compiledBy');
      const [ours, theirs] = [evaluations(own), evaluations(plain)];
      expect(ours).toHaveLength(2);
      for (const [i, { metrics, byClass, samples }] of ours.entries()) {
        expect(samples).toBe(27);
        expect(Object.keys(metrics)).toEqual(Object.keys(theirs[i].metrics));
        for (const [key, value] of Object.entries(metrics))
          expect(value, key).toBeCloseTo(theirs[i].metrics[key], 4);
        expect(byClass).toEqual(theirs[i].byClass);
      }
    });

    test('one that reads numbers is refused, or run as it is', async () => {
      const reading = model('sly', (count) => sequential([sly, flatten(), dense(count)]));
      await expect(eventsOf({ backend: name, compile: true, model: reading })).rejects.toThrow(
        /^compile: the evaluation of \S+ is not compiled: trace: the function reads the numbers of a tensor/,
      );
      const events = await eventsOf({ backend: name, compile: 'auto', model: reading });
      const notices = events.flatMap((event) => (event.kind === 'notice' ? [event.message] : []));
      // Once for each size of batch that would have been compiled.
      expect(notices).toHaveLength(2);
      expect(notices[0]).toMatch(/is not compiled: .*; it runs as it is, which is slower$/);
      expect(evaluations(events).map(({ samples }) => samples)).toEqual([27, 27]);
    });
  });
}

/** A layer that reads what it computes wherever it is not trained. */
const sly: Layer = {
  config: { layer: 'sly' },
  init: (_, input) => input,
  apply(scope, x) {
    if (!scope.training) tf.relu(x).dataSync();
    return x;
  },
};
