/** The catalogue holds every layer, model, option and optimizer there is, and each of its trainings runs. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { keyOf, linear } from '../../../src/core/index.js';
import { ganOptions } from '../../../src/gan/adversarial/gan.js';
import { adversarialOptions } from '../../../src/gan/adversarial/options.js';
import { autoencoderOptions } from '../../../src/gan/autoencoder/autoencoder.js';
import { daganOptions } from '../../../src/gan/dagan/dagan.js';
import { generativeKinds } from '../../../src/gan/kinds.js';
import { generativeOptions } from '../../../src/gan/options.js';
import { intercept } from '../../../src/graph/intercept.js';
import { objectiveOptions, stepOptions } from '../../../src/train/classification/options.js';
import type { ClassifierTask } from '../../../src/train/classification/task.js';
import { type LayerConfig, layerFrom, layerKinds } from '../../../src/train/layers/index.js';
import { runningOptions } from '../../../src/train/loop/options.js';
import { type ModelConfig, modelFrom, modelKinds } from '../../../src/train/models/index.js';
import { StatelessRandomUniform } from '../../../src/train/ops/kernels.js';
import { optimizerKinds } from '../../../src/train/optimizers/index.js';
import { penaltyKinds } from '../../../src/train/penalties/index.js';
import { disposeState, flatten, type State } from '../../../src/train/state/tensors.js';
import type { Task } from '../../../src/train/task.js';
import { backendsHere, useBackend } from '../golden.js';
import { catalogue, contextAt, type Made } from './catalogue.js';

// Native TensorFlow, or what is quickest here.
beforeAll(async () => useBackend((await backendsHere())[0]));

/** What a training is made of, as JSON. */
interface Seen {
  readonly identity: Task['identity'];
  readonly options: NonNullable<Task['options']>;
  readonly layers: readonly LayerConfig[];
  readonly model?: ModelConfig;
}

let all: Seen[] | undefined;
/** Of all entries; made once, and nothing of it is kept but JSON. */
function seen(): Seen[] {
  all ??= catalogue.map(({ make }) => {
    const { task, dispose } = make();
    const { network, built, coder } = task as ClassifierTask & { built?: object; coder?: object };
    dispose();
    return {
      identity: task.identity,
      options: task.options ?? {},
      layers: configsIn(network?.root.config ?? built ?? coder),
      model: network?.config,
    };
  });
  return all;
}

/** The configurations of layers anywhere inside a value. */
function configsIn(value: unknown, known = new Set<unknown>()): LayerConfig[] {
  if (typeof value !== 'object' || value === null || known.has(value)) return [];
  known.add(value);
  const own = typeof (value as LayerConfig).layer === 'string' ? [value as LayerConfig] : [];
  return [...own, ...Object.values(value).flatMap((inner) => configsIn(inner, known))];
}

const missing = (wanted: Iterable<string>, found: Iterable<string>) => {
  const there = new Set(found);
  return [...wanted].filter((name) => !there.has(name));
};

const taken = (f: () => unknown): boolean => {
  try {
    f();
    return true;
  } catch {
    return false;
  }
};

const isSchedule = (value: unknown) => typeof value === 'object' && value !== null && 'schedule' in value;

/** Of the numbers that may be schedules, as `kind.field`, those that no configuration has as a schedule. */
function unscheduled<C extends object>(
  configs: readonly C[],
  kindOf: (config: C) => string,
  make: (config: C) => unknown,
): string[] {
  const [may, are] = [new Set<string>(), new Set<string>()];
  for (const config of configs) {
    for (const [field, value] of Object.entries(config)) {
      const name = `${kindOf(config)}.${field}`;
      if (isSchedule(value)) are.add(name);
      if (typeof value !== 'number' || may.has(name)) continue;
      if (taken(() => make({ ...config, [field]: linear(value, value) }))) may.add(name);
    }
  }
  expect(are.size).toBeGreaterThan(0);
  return missing(may, are);
}

describe('nothing is forgotten', () => {
  test('names are different', () => {
    const names = catalogue.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  test('layers', () => {
    const configs = seen().flatMap(({ layers }) => layers);
    expect(
      missing(
        layerKinds.map(({ name }) => name),
        configs.map(({ layer }) => layer),
      ),
    ).toEqual([]);
    expect(unscheduled(configs, ({ layer }) => layer, layerFrom)).toEqual([]);
  });

  test('models', () => {
    const configs = seen().flatMap(({ model }) => model ?? []);
    expect(
      missing(
        modelKinds.map(({ name }) => name),
        configs.map(({ model }) => model),
      ),
    ).toEqual([]);
    expect(unscheduled(configs, ({ model }) => model, modelFrom)).toEqual([]);
  });

  test('options of classifiers', () => {
    const options = seen().flatMap(({ identity, options }) =>
      identity.task === 'classification' ? [options] : [],
    );
    const schema = stepOptions.extend(objectiveOptions.shape);
    expect(missing(Object.keys(schema.shape), options.flatMap(Object.keys))).toEqual([]);
    const scheduled = options.map(({ optimizer: _, network: __, distill: ___, ...plain }) => plain);
    expect(
      unscheduled(
        scheduled,
        () => 'classification',
        (given) => schema.parse(given),
      ),
    ).toEqual([]);
    const penalties = options.flatMap(({ penalties = [] }) => penalties as { penalty: string }[]);
    expect(
      missing(
        penaltyKinds.map(({ name }) => name),
        penalties.map(({ penalty }) => penalty),
      ),
    ).toEqual([]);
    const optimizers = options.map(({ optimizer }) => (optimizer as { optimizer: string }).optimizer);
    expect(
      missing(
        optimizerKinds.map(({ name }) => name),
        optimizers,
      ),
    ).toEqual([]);
  });

  test('generative tasks', () => {
    const of = (task: string) =>
      seen().flatMap(({ identity, options }) => (identity.task === task ? [options] : []));
    expect(
      missing(
        generativeKinds.map(({ task }) => task),
        seen().map(({ identity }) => `${identity.task}`),
      ),
    ).toEqual([]);
    const outside = Object.keys(runningOptions.shape).concat('judge', 'samples', 'learningRate');
    const own = (schema: z.ZodObject) => missing(Object.keys(schema.shape), outside);
    expect(missing(own(adversarialOptions), of('gan').flatMap(Object.keys))).toEqual([]);
    expect(missing(own(generativeOptions), of('autoencoder').flatMap(Object.keys))).toEqual([]);
    const configs = (task: string) => of(task).map(({ network }) => network as Record<string, unknown>);
    for (const [task, schema] of [
      ['gan', ganOptions],
      ['dagan', daganOptions],
      ['autoencoder', autoencoderOptions],
    ] as const) {
      for (const field of Object.keys(schema.shape)) {
        // A value of an enumeration is one that the schema takes and of which an entry has another.
        const values = new Set(configs(task).map((config) => JSON.stringify(config[field])));
        const { options } = (schema.shape as unknown as Record<string, { unwrap(): { options?: string[] } }>)[
          field
        ].unwrap();
        const wanted = Array.isArray(options) && typeof options[0] === 'string' ? options : [];
        expect(
          missing(
            wanted.map((value) => JSON.stringify(value)),
            values,
          ),
          `${task}.${field}`,
        ).toEqual([]);
      }
    }
    expect(
      unscheduled(
        configs('autoencoder').map(({ beta }) => ({ beta })),
        () => 'autoencoder',
        (given) => autoencoderOptions.parse(given),
      ),
    ).toEqual([]);
  });
});

/** One eager step: the state after it, its metrics as numbers, and how often it drew noise. */
function ran({ task, feeds }: Made, state: State, step: number) {
  const feed = feeds(step);
  let drawn = 0;
  const seen = ({ kernel }: { kernel: string }) => {
    if (kernel === StatelessRandomUniform) drawn++;
  };
  const { state: next, metrics } = tf.tidy(() =>
    intercept({ seen, read() {} }, () => task.step(state, feed, contextAt(step)) as never),
  ) as ReturnType<Task['step']>;
  const values = Object.fromEntries(Object.entries(metrics).map(([name, m]) => [name, m.dataSync()[0]]));
  tf.dispose([feed, metrics as tf.NamedTensorMap]);
  return { next, metrics: values, drawn };
}

const shapesOf = (state: State) =>
  Object.fromEntries(
    Object.entries(flatten(state)).map(([name, { shape, dtype }]) => [name, [dtype, ...shape]]),
  );

/** Whether any parameter has changed. */
const moved = (before: State, after: State) =>
  Object.entries(before.params).some(([name, tensor]) =>
    tensor.dataSync().some((value, i) => value !== after.params[name].dataSync()[i]),
  );

describe('each runs three steps', () => {
  test.each(catalogue.map((entry) => [entry.name, entry] as const))('%s', (_, { make, draws }) => {
    const before = tf.memory().numTensors;
    const made = make();
    const first = made.task.init(keyOf(1));
    let [state, noises] = [first, 0];
    for (let step = 0; step < 3; step++) {
      const { next, metrics, drawn } = ran(made, state, step);
      expect(Object.values(metrics).every(Number.isFinite), `${step}: ${JSON.stringify(metrics)}`).toBe(true);
      expect(Object.keys(metrics)).toEqual(expect.arrayContaining(['loss', 'gradientNorm']));
      expect(metrics.gradientNorm).toBeGreaterThan(0);
      expect(shapesOf(next)).toEqual(shapesOf(first));
      if (state !== first) disposeState(state, next);
      state = next;
      noises += drawn;
    }
    expect(moved(first, state)).toBe(true);
    expect(noises > 0).toBe(draws);
    disposeState(state, first);
    disposeState(first);
    made.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
