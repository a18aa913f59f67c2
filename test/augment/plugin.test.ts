/** Plugins: what they must look like, and that nothing they do goes unsaid or beyond their own memory. */
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  addPlugin,
  asOperator,
  type BatchOp,
  batchOps,
  defineBatchTransform,
  definePlugin,
  defineTransform,
  Engine,
  Executor,
  horizontalFlip,
  lower,
  mixupTransform,
  ops,
  type PlanBuilder,
  PluginError,
  type PluginSpec,
  pluginIn,
  policy,
  randomApply,
  type SampleOperator,
} from '../../src/augment/index.js';
import { BadSampleError, keyOf, UsageError } from '../../src/core/index.js';
import { openArrays } from '../../src/io/index.js';
import { samples } from '../../src/stream/index.js';
import { picture } from '../../src/testing/index.js';

const made = (run: (plan: PlanBuilder) => unknown) =>
  defineTransform({
    name: 'made',
    options: z.strictObject({}),
    params: z.strictObject({}),
    draw: () => ({}),
    lower: (_, plan) => run(plan) as undefined,
  });

const SIDE = 16;

/** The bytes after the transform, by the engine and by its plain twin. */
function rendered(run: (plan: PlanBuilder) => unknown): Uint8Array[] {
  const [known, mixing] = [ops(), batchOps()];
  addPlugin(definePlugin({ name: 'lens', transforms: [made(run)] }), known, mixing);
  const plan = lower([{ op: 'made', params: {} }], SIDE, SIDE, known);
  const image = picture(SIDE, SIDE, 1);
  return [new Engine(), new Executor()].map((renderer) => {
    const data = new Uint8Array(3 * plan.width * plan.height);
    renderer.run(plan, image, {
      data,
      width: plan.width,
      height: plan.height,
      dtype: 'uint8',
      layout: 'HWC',
    });
    return data;
  });
}

describe('definePlugin', () => {
  const good = { name: 'lens', transforms: [made(() => undefined)] };

  it('definePlugin fills in defaults', () => {
    expect(definePlugin(good)).toMatchObject({ ...good, batchTransforms: [], sources: {}, policies: {} });
  });

  it.each([
    ['no object', 3, 'm.js: expected a plugin as default export but received 3; write export default'],
    ['no name', {}, "m.js: plugin: name: expected lower-case letters, digits and '-'"],
    ['a name that is none', { name: 'My Lens' }, "but received 'My Lens'"],
    [
      'a field that is none',
      { ...good, transformz: [] },
      "plugin 'lens': unknown option 'transformz'; did you mean 'transforms'",
    ],
    [
      'a transform that is none',
      { ...good, transforms: [() => 1] },
      "plugin 'lens': transforms[0]: expected what defineTransform gives",
    ],
    [
      'an operator as a transform',
      { ...good, transforms: [horizontalFlip()] },
      'transforms[0]: expected what defineTransform gives',
    ],
    [
      'a batch transform that is none',
      { ...good, batchTransforms: [horizontalFlip] },
      'batchTransforms[0]: expected what defineBatchTransform gives',
    ],
    [
      'the same twice',
      { ...good, transforms: [horizontalFlip, horizontalFlip] },
      "plugin 'lens': transforms: 'horizontalFlip' is given twice",
    ],
    [
      'a source that is none',
      { ...good, sources: { a: 1 } },
      "plugin 'lens': sources.a: expected a function but received 1",
    ],
  ])('refuses %s', (_, value, said) => {
    expect(() => pluginIn({ default: value }, 'm.js')).toThrow(UsageError);
    expect(() => pluginIn({ default: value }, 'm.js')).toThrow(said);
  });

  it.each([
    ['transform', { name: 'lens', transforms: [Object.assign(() => 0, { op: horizontalFlip.op })] }],
    [
      'batch transform',
      { name: 'lens', batchTransforms: [Object.assign(() => 0, { op: mixupTransform.op })] },
    ],
  ])('a %s with the name of a built-in is refused', (_, spec) => {
    expect(() => addPlugin(definePlugin(spec as never), ops(), batchOps())).toThrow(
      /^plugin 'lens': the name '(horizontalFlip|mixup)' is already used by rxaug or by another plugin; rename the transform$/,
    );
  });
});

describe('a transform of a plugin', () => {
  it('renders, the same on the engine and plainly', () => {
    const invert = (row: Uint8Array) => row.set(row.map((v) => 255 - v));
    for (const run of [
      (plan: PlanBuilder) => plan.lookUp((v) => 255 - v),
      (plan: PlanBuilder) => plan.row('r', invert),
      (plan: PlanBuilder) => plan.filter('f', (input, output) => output.set(input.map((v) => 255 - v))),
      (plan: PlanBuilder) =>
        plan.fromHistogram('h', () => Uint8Array.from({ length: 768 }, (_, i) => 255 - (i & 255))),
    ]) {
      for (const data of rendered(run)) expect(data).toEqual(picture(SIDE, SIDE, 1).data.map((v) => 255 - v));
    }
  });

  it('receives copies: writes outside its row or image have no effect', () => {
    for (const data of rendered((plan) => {
      plan.row('r', (row) => void new Uint8Array(row.buffer).fill(7));
      plan.filter('f', (input, output) => {
        new Uint8Array(input.buffer).fill(9);
        new Uint8Array(output.buffer).fill(8);
      });
    })) {
      expect(data.every((v) => v === 8)).toBe(true);
    }
  });

  const slip = () => {
    throw new TypeError('a slip');
  };
  it.each<[string, (plan: PlanBuilder) => unknown, string]>([
    ['throws while it is lowered', slip, 'a slip'],
    ['throws at a row', (plan) => plan.row('r', slip), 'a slip'],
    ['throws in a filter', (plan) => plan.filter('f', slip), 'a slip'],
    ['throws in a table', (plan) => plan.lookUp(slip), 'a slip'],
    ['throws at a histogram', (plan) => plan.fromHistogram('h', slip), 'a slip'],
    [
      'is asynchronous',
      async () => undefined,
      "lower: expected to write in place and return nothing but received 'a promise'",
    ],
    [
      'returns pixels from a filter',
      (plan) => plan.filter('f', ((input: Uint8Array) => input) as never),
      'filter: expected to write in place and return nothing but received Uint8Array(768 bytes)',
    ],
    [
      'writes beside its output',
      (plan) => plan.filter('f', (i, o) => o.set(i, 1)),
      'offset is out of bounds',
    ],
    [
      'gives its memory away',
      (plan) => plan.row('r', (row) => void structuredClone(row, { transfer: [row.buffer] })),
      'row: its memory of 48 values was transferred away; do not transfer it',
    ],
    [
      'makes a table of no numbers',
      (plan) => plan.lookUp((v) => v / 0 - Number.POSITIVE_INFINITY),
      'lookUp: expected a number for 0 but received NaN',
    ],
    [
      'makes a short table',
      (plan) => plan.lookUp(new Uint8Array(256)),
      'lookUp: expected a Uint8Array of 3 × 256 values but received Uint8Array(256 bytes)',
    ],
    [
      'gives a size that is none',
      (plan) => plan.geometry([1, 0, 0, 0, 1, 0], 8.5, 8),
      'geometry: expected whole numbers in 1..65535 for width and height but received [8.5,8]',
    ],
    [
      'gives a broken matrix',
      (plan) => plan.geometry([1, 0, 0, 0, 1, Number.NaN], 8, 8),
      'geometry: expected a matrix of 6 finite numbers but received [1,0,0,0,1,null]',
    ],
  ])('%s: one sentence that names it', (_, run, said) => {
    expect(() => rendered(run)).toThrow(PluginError);
    expect(() => rendered(run)).toThrow(`plugin 'lens', transform 'made': ${said}`);
  });

  it('may refuse a sample', () => {
    const refuse = () => {
      throw new BadSampleError('too dark');
    };
    expect(() => rendered(refuse)).toThrow(BadSampleError);
    expect(() => rendered(refuse)).toThrow("plugin 'lens', transform 'made': too dark");
  });
});

describe('a batch transform of a plugin', () => {
  const opOf = (
    apply: (data: Uint8Array | Float32Array) => unknown,
    soft?: (soft: Float32Array) => unknown,
  ): BatchOp => {
    const [known, mixing] = [ops(), batchOps()];
    const bind = defineBatchTransform({
      name: 'blot',
      options: z.strictObject({}),
      params: z.strictObject({}),
      draw: () => ({}),
      apply: (_, { data }) => apply(data) as undefined,
      targets: (_, targets) => soft?.(targets) as undefined,
    });
    addPlugin(definePlugin({ name: 'ink', batchTransforms: [bind] }), known, mixing);
    return mixing.get('blot');
  };
  const pixels = () => ({ data: new Uint8Array(12), size: 1, height: 2, width: 2, layout: 'HWC' as const });

  it('writes into its rows and nowhere else', () => {
    const memory = new Uint8Array(32);
    const batch = { ...pixels(), data: memory.subarray(8, 20) };
    opOf((data) => void new Uint8Array(data.buffer).fill(5)).apply({}, batch);
    expect([...memory]).toEqual([...Array(8).fill(0), ...Array(12).fill(5), ...Array(12).fill(0)]);
  });

  it('errors of a plugin name it', () => {
    const fails = opOf(() => {
      throw new Error('no ink');
    });
    expect(() => fails.apply({}, pixels())).toThrow("plugin 'ink', transform 'blot': no ink");
    const wrong = opOf(
      () => undefined,
      (soft) => void soft.fill(Number.NaN),
    );
    expect(() => wrong.targets({}, new Float32Array(2), pixels())).toThrow(
      "plugin 'ink', transform 'blot': targets: expected shares ≥ 0",
    );
  });
});

describe('what a plugin draws', () => {
  const brings = (draw: () => unknown) => {
    const odd = defineTransform({
      name: 'odd',
      options: z.strictObject({}),
      params: z.strictObject({ by: z.number().default(3) }),
      draw: draw as () => { by: number },
      lower: () => undefined,
    });
    definePlugin({ name: 'lens', transforms: [odd] });
    return odd();
  };
  const drawn = (operator: SampleOperator) => firstValueFrom(samples(one).pipe(operator));
  const one = {
    name: 'one',
    classes: ['a'],
    length: 1,
    item: () => ({
      id: 'one/7',
      label: 0,
      image: { kind: 'pixels', ...picture(SIDE, SIDE, 1), channels: 3 } as const,
    }),
  };

  it('has its defaults, as a replay has', async () => {
    expect((await drawn(brings(() => ({})))).recipe).toEqual([{ op: 'odd', params: { by: 3 } }]);
  });

  it.each<[string, () => unknown, string]>([
    ['other parameters', () => ({ by: 'much' }), "draw: by: expected a number but received 'much'"],
    ['a promise', async () => ({ by: 1 }), "draw: expected an object { by } but received 'a promise'"],
    ['nothing', () => undefined, 'draw: expected an object { by } but received nothing'],
    [
      'a failure',
      () => {
        throw new TypeError('a slip');
      },
      'a slip',
    ],
  ])('%s: one sentence with plugin, transform and sample', async (_, draw, said) => {
    await expect(drawn(brings(draw))).rejects.toThrow(
      `plugin 'lens', transform 'odd': ${said}; sample one/7`,
    );
  });
});

describe('a policy of a plugin', () => {
  const plugins = (policies: PluginSpec['policies'], name = 'lens') => ({
    [name]: definePlugin({ name, policies }),
  });
  const draws = ({ transform }: SampleOperator) =>
    Array.from({ length: 20 }, (_, i) => transform.draw(keyOf(i), 0));

  it('policy() makes it from its name and numbers', () => {
    const gentle = ({ m = 5, n = 1 } = {}) =>
      randomApply(m / 10, ...Array.from({ length: n }, () => horizontalFlip()));
    const known = plugins({ gentle });
    expect(draws(policy('gentle', known))).toEqual(draws(gentle()));
    expect(draws(policy('gentle-m9-n2', known))).toEqual(draws(gentle({ m: 9, n: 2 })));
    expect(draws(policy('trivial', known))).toEqual(draws(policy('trivial')));
  });

  it.each<[string, PluginSpec['policies'], string, string]>([
    [
      'unknown',
      { gentle: () => horizontalFlip() },
      'gentl',
      "unknown policy 'gentl'; did you mean 'gentle'?",
    ],
    [
      'a word for a number',
      { gentle: () => horizontalFlip() },
      'gentle-much',
      "such as m9 but received 'much'",
    ],
    [
      'a name of the house',
      { rand: () => horizontalFlip() },
      'rand-m9',
      "plugin 'lens': the name 'rand' is already used by rxaug or by another plugin; rename the policy",
    ],
    [
      'what is no transform',
      { gentle: () => 3 as never },
      'gentle',
      "plugin 'lens', policy 'gentle': expected a transform of samples but received 3",
    ],
    [
      'a failure',
      {
        gentle: () => {
          throw new Error('a slip');
        },
      },
      'gentle',
      "plugin 'lens', policy 'gentle': a slip",
    ],
  ])('%s: one sentence', (_, policies, text, said) => {
    expect(() => policy(text, plugins(policies))).toThrow(said);
  });

  it('is named, with the sample, where its draws are none', async () => {
    const broken = asOperator({ ...horizontalFlip().transform, draw: () => 'horizontalFlip' as never });
    const one = samples(
      openArrays({ images: new Uint8Array(12), labels: [0], width: 2, height: 2, classes: ['a'] }),
    );
    await expect(firstValueFrom(one.pipe(policy('odd', plugins({ odd: () => broken }))))).rejects.toThrow(
      "plugin 'lens', policy 'odd': draw: expected a list of draws but received 'horizontalFlip'; sample arrays/0",
    );
  });
});
