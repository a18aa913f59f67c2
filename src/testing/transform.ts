import assert from 'node:assert/strict';
import { z } from 'zod';
import { ops as builtInOps, type Op, parseRecipe, type SampleOperator } from '../augment/index.js';
import { type Draw, fold, keyOf, linear, type Recipe, type Registry, UsageError } from '../core/index.js';
import { chains } from './chains.js';
import type { Check } from './check.js';
import { picture, pictures } from './pictures.js';
import { distance, type Picture, type Rendered, render, same } from './render.js';

/** What `defineTransform` gives, as far as the checks use it. */
export interface TransformFactory {
  // biome-ignore lint/suspicious/noExplicitAny: factories differ in their options
  (options?: any): SampleOperator;
  readonly spec: {
    readonly name: string;
    readonly options: z.ZodObject;
    readonly params: z.ZodObject;
    // biome-ignore lint/suspicious/noExplicitAny: factories differ in their options
    readonly magnitude?: (strength: number) => any;
  };
  readonly op: Op;
}

/** A transform to check, and what is known of it. */
export interface TransformSubject {
  readonly factory: TransformFactory;
  /** Options to try; default `{}`. Each must work on pictures of 17 × 20 and more. */
  readonly cases?: readonly Record<string, unknown>[];
  /** Options, or a single value, to refuse, and a part of the message; values that break the schema are added. */
  readonly refused?: readonly (readonly [options: unknown, complaint: string])[];
  /** It must come last, and its output is not in [0, 1]. */
  readonly last?: boolean;
  /** True if nothing is random, false if something is; if absent, this is not checked. */
  readonly fixed?: boolean;
}

const KEYS = Array.from({ length: 6 }, (_, i) => fold(keyOf(99), i));
const PICTURES = pictures().filter(({ width, height }) => width >= 16 && height >= 16);

/** Every draw is forced; `p` has a check of its own. */
const drawn = (operator: SampleOperator, key = KEYS[0] as (typeof KEYS)[0], progress = 0): Draw[] =>
  operator.transform.draw(key, progress);

/**
 * The contract of a transform as a list of checks, for any test runner: bad options are refused in one sentence; magnitude
 * 0 is the identity; a draw is plain JSON and replays to the same bytes; the output has the shape, dtype and range that its
 * plan says; fused with its neighbors it gives the same pixels as alone; draws depend on the key alone; schedules and
 * probabilities do what they say.
 *
 * @param subject the factory that `defineTransform` gave, options to try, options that must be refused
 *
 * @example
 * const checks = transformContract({ factory: horizontalFlip });
 * for (const { run } of checks) run(); // in a test file: test(name, run)
 */
export function transformContract(subject: TransformSubject): Check[] {
  const { factory, cases = [{}], refused = [], fixed } = subject;
  const { spec } = factory;
  const make = (options: Record<string, unknown> = {}) => factory({ p: 1, ...options });
  return [
    check('has a lowerCamel name and schemas that are JSON Schema', () => {
      assert.match(spec.name, /^[a-z][A-Za-z0-9]*$/);
      assert.equal(factory.op.name, spec.name);
      for (const schema of [spec.options, spec.params]) {
        const json = z.toJSONSchema(schema, { io: 'input' });
        assert.equal(json.additionalProperties, false, 'unknown options must be refused');
      }
    }),
    ...refused.map(([options, complaint]) =>
      check(`refuses ${JSON.stringify(options)}`, () =>
        refuses(() => factory(options), spec.name, complaint),
      ),
    ),
    check('refuses options that it does not have', () => {
      refuses(() => factory({ ...cases[0], nonsense: 1 }), spec.name, "unknown option 'nonsense'");
      refuses(
        () => factory({ ...cases[0], p: 1.5 }),
        spec.name,
        'p: expected a number in 0..1 or a schedule',
      );
    }),
    ...nonsenseChecks(factory, cases[0] ?? {}),
    check('p = 0 never, p = 1 always, p in between that often', () => {
      const times = (p: unknown, progress = 0) => {
        const operator = factory({ ...cases[0], p });
        const n = 400;
        return Array.from({ length: n }, (_, i) => drawn(operator, fold(keyOf(5), i), progress).length);
      };
      const sum = (counts: number[]) => counts.reduce((a, b) => a + b, 0);
      assert.equal(sum(times(0)), 0);
      assert.equal(sum(times(1)), 400);
      assert.ok(Math.abs(sum(times(0.3)) - 120) < 40);
      assert.equal(sum(times(linear(0, 1), 0)), 0);
      assert.equal(sum(times(linear(0, 1), 1)), 400);
    }),
    ...(spec.magnitude ? magnitudeChecks(factory, spec.magnitude, fixed) : []),
    ...scheduleChecks(factory, cases),
    ...cases.flatMap((options) => operatorContract(brief(options), () => make(options), subject)),
  ];
}

interface Made {
  readonly operator: SampleOperator;
  readonly ops: Registry<Op>;
  readonly recipes: readonly Recipe[];
}

/** Options in few characters, for the name of a check. */
const brief = (options: unknown) => JSON.stringify(options).replace(/(.{100}).+/, '$1…');

/**
 * The part of `transformContract` that also holds for an operator that chooses among transforms, such as `oneOf`.
 *
 * @param name in the names of the checks
 * @param make makes the operator; called at the first check
 * @param traits `last`: it must come last; `fixed`: whether it draws the same each time
 *
 * @example
 * const checks = operatorContract('either', () => oneOf(horizontalFlip(), verticalFlip()));
 * for (const { run } of checks) run(); // in a test file: test(name, run)
 */
export function operatorContract(
  name: string,
  make: () => SampleOperator,
  traits: Pick<TransformSubject, 'last' | 'fixed'> = {},
): Check[] {
  const { last = false, fixed } = traits;
  /** Made at the first check: an operator that cannot be made fails its own checks only. */
  let made: Made | undefined;
  const subject = (): Made => {
    if (made) return made;
    const operator = make();
    made = { operator, ops: registry(operator), recipes: KEYS.map((key) => drawn(operator, key)) };
    return made;
  };
  const each = (f: (recipe: Recipe, picture: Picture, ops: Registry<Op>) => void) => () => {
    const { recipes, ops } = subject();
    for (const [i, recipe] of recipes.entries()) {
      for (const k of [i, i + 2]) f(recipe, PICTURES[k % PICTURES.length] as Picture, ops);
    }
  };
  return [
    check(`${name}: the same key draws the same, whatever was drawn before`, () => {
      const { operator, recipes } = subject();
      const again = [...KEYS].reverse().map((key) => drawn(operator, key));
      assert.deepEqual(again.reverse(), recipes);
      const different = new Set(recipes.map((r) => JSON.stringify(r))).size;
      if (fixed === undefined) return;
      assert.ok(fixed ? different === 1 : different > 1, `${different} different draws of ${KEYS.length}`);
    }),
    check(`${name}: draws are plain JSON, and its op knows them`, () => {
      const { operator, ops, recipes } = subject();
      for (const recipe of recipes) {
        const back = JSON.parse(JSON.stringify(recipe)) as Recipe;
        assert.deepEqual(back, recipe);
        assert.deepEqual(structuredClone(recipe), recipe);
        assert.deepEqual(parseRecipe(back, ops), recipe);
        assert.deepEqual(parseRecipe(JSON.stringify(recipe), ops), recipe);
        for (const { op } of recipe) assert.ok(operator.transform.ops.some(({ name }) => name === op));
      }
      assert.ok(JSON.stringify(operator.transform.options));
    }),
    check(
      `${name}: replays to the same bytes`,
      each((recipe, p, ops) => {
        const options = { ops, dtype: last ? 'float32' : 'uint8' } as const;
        const before = p.data.slice();
        const first = render(recipe, p, options);
        const back = parseRecipe(JSON.parse(JSON.stringify(recipe)), ops);
        assert.ok(same(render(back, p, options).data, first.data));
        assert.ok(same(p.data, before), 'the source is left as it was');
      }),
    ),
    check(
      `${name}: layouts and dtypes agree, values are in range`,
      each((recipe, p, ops) => {
        const float = render(recipe, p, { ops, dtype: 'float32' });
        const planar = render(recipe, p, { ops, dtype: 'float32', layout: 'CHW' });
        assert.ok(float.width >= 1 && float.height >= 1);
        assert.deepEqual([planar.width, planar.height], [float.width, float.height]);
        assert.ok(same(interleaved(planar), float.data));
        assert.ok(float.data.every((v) => Number.isFinite(v) && (last || (v >= 0 && v <= 1))));
        if (last) return;
        const bytes = render(recipe, p, { ops });
        assert.ok(bytes.data.every((v, i) => Math.abs(v / 255 - (float.data[i] as number)) < 1e-6));
        assert.ok(same(interleaved(render(recipe, p, { ops, layout: 'CHW' })), bytes.data));
      }),
    ),
    check(`${name}: the same fused with its neighbors as alone`, () => {
      const { ops, recipes } = subject();
      for (const [i, recipe] of recipes.slice(0, 2).entries()) {
        const p = PICTURES[i % PICTURES.length] as Picture;
        for (const [around, chain] of chains(recipe, last)) {
          const [fused, alone] = [true, false].map((fuse) =>
            render(chain, p, { ops, fuse, dtype: last ? 'float32' : 'uint8' }),
          ) as [Rendered, Rendered];
          assert.deepEqual([fused.width, fused.height], [alone.width, alone.height], around);
          assert.ok(
            same(fused.data, alone.data),
            `${around}: differs by ${distance(fused.data, alone.data).max}`,
          );
        }
      }
    }),
  ];
}

const check = (name: string, run: () => void): Check => ({ name, run });

function registry(operator: SampleOperator): Registry<Op> {
  const all = builtInOps();
  for (const op of operator.transform.ops) if (!all.has(op.name)) all.add(op);
  return all;
}

/**
 * Asserts that a call throws a UsageError of one sentence that starts with `owner` and contains `complaint`.
 *
 * @throws AssertionError if it does not
 *
 * @example
 * refuses(() => batch(0), 'batch', 'expected a whole number');
 */
export function refuses(make: () => unknown, owner: string, complaint: string): void {
  assert.throws(make, (error: Error) => {
    assert.ok(
      error instanceof UsageError,
      `expected a UsageError but received ${error.name}: ${error.message}`,
    );
    assert.ok(error.message.startsWith(owner), error.message);
    assert.ok(error.message.includes(complaint), error.message);
    assert.doesNotMatch(error.message, /\n|invalid/i);
    return true;
  });
}

function magnitudeChecks(
  factory: TransformFactory,
  magnitude: NonNullable<TransformFactory['spec']['magnitude']>,
  fixed: boolean | undefined,
): Check[] {
  const at = (strength: number) => factory({ ...magnitude(strength), p: 1 });
  const results = (strength: number, p: Picture) => {
    const ops = registry(at(strength));
    return KEYS.map((key) => render(drawn(at(strength), key), p, { ops }));
  };
  return [
    check('magnitude 0 is the identity', () => {
      for (const p of pictures()) {
        for (const out of results(0, p)) {
          assert.deepEqual([out.width, out.height], [p.width, p.height]);
          assert.ok(same(out.data, p.data));
        }
      }
    }),
    check('every magnitude up to 1 is accepted, and a larger one changes more', () => {
      const p = picture(32, 32, 3);
      const change = [0.1, 0.5, 1].map((strength) => {
        const all = results(strength, p).map((out) => distance(out.data, p.data));
        return all.reduce((sum, { psnr }) => sum + 10 ** (-psnr / 10), 0);
      }) as [number, number, number];
      assert.ok(change[2] > 0, 'strength 1 changes nothing');
      if (fixed === false) assert.ok(change[0] < change[1] && change[1] < change[2], `changes of ${change}`);
    }),
  ];
}

/** Each option refuses values of another kind and values out of its bounds. */
function nonsenseChecks(factory: TransformFactory, options: Record<string, unknown>): Check[] {
  const { properties = {} } = z.toJSONSchema(factory.spec.options, { io: 'input' }) as JsonSchema;
  return Object.entries(properties).map(([option, json]) =>
    check(`${option}: refuses what is out of range, or no such thing`, () => {
      const { minimum, maximum } = json.anyOf?.[0] ?? json;
      const beyond = [
        ...(minimum === undefined || minimum <= -1e15 ? [] : [minimum - 1]),
        ...(maximum === undefined || maximum >= 1e15 ? [] : [maximum + 1]),
      ];
      for (const value of ['nonsense', { nonsense: 1 }, null, Number.NaN, ...beyond]) {
        refuses(() => factory({ ...options, [option]: value }), factory.spec.name, `: ${option}`);
      }
    }),
  );
}

/** Replaces each number that may be a schedule by one, in turn. */
function scheduleChecks(factory: TransformFactory, cases: readonly Record<string, unknown>[]): Check[] {
  const json = z.toJSONSchema(factory.spec.options, { io: 'input' }) as JsonSchema;
  const paths = schedulable(json, []);
  return paths.map((path) =>
    check(`${path.join('.')} may be a schedule`, () => {
      const base = factory({ p: 1, ...cases[0] }).transform.options;
      const from = get(base, path);
      assert.equal(
        typeof from,
        'number',
        `expected a number at ${path} but received ${JSON.stringify(from)}`,
      );
      const to = another(factory, base, path, from as number);
      const moving = factory(put(base, path, linear(from as number, to)));
      for (const key of KEYS) {
        assert.deepEqual(drawn(moving, key, 0), drawn(factory(base), key));
        assert.deepEqual(drawn(moving, key, 1), drawn(factory(put(base, path, to)), key));
        drawn(moving, key, 0.37);
      }
      const json = JSON.parse(JSON.stringify(moving.transform.options));
      assert.deepEqual(drawn(factory(json), KEYS[0], 0.5), drawn(moving, KEYS[0], 0.5));
    }),
  );
}

interface JsonSchema {
  readonly title?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly prefixItems?: readonly JsonSchema[];
}

type Path = readonly (string | number)[];

function schedulable(json: JsonSchema, path: Path): Path[] {
  if (json.anyOf?.some(({ title }) => title === 'a schedule')) return [path];
  return [
    ...Object.entries(json.properties ?? {}).flatMap(([key, part]) => schedulable(part, [...path, key])),
    ...(json.prefixItems ?? []).flatMap((part, i) => schedulable(part, [...path, i])),
  ];
}

const get = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((v, key) => (v as Record<string | number, unknown>)[key], value);

function put(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  copy[key] = put(copy[key], rest, to);
  return copy;
}

/** Another value that the option may have. */
function another(factory: TransformFactory, base: unknown, path: Path, from: number): number {
  for (const to of [from / 2, from + 0.01, from + 0.125, from - 0.125, from + 1, from - 1]) {
    try {
      factory(put(base, path, to));
      if (to !== from) return to;
    } catch {
      // out of its range
    }
  }
  throw new assert.AssertionError({ message: `no other value than ${from} is accepted at ${path}` });
}

/** [3, H, W] to [H, W, 3]. */
function interleaved({ data, width, height }: Rendered): Uint8Array | Float32Array {
  const out = data.slice();
  const plane = width * height;
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) out[3 * i + c] = data[c * plane + i] as number;
  return out;
}
