/**
 * timm's strings: `rand-m9-n2-mstd0.5-inc1`, `augmix-m5-w4-d2`, `original-mstd0.5`. A key means what it means to timm; one
 * that timm would pass over in silence is refused, and so is a key that is there twice.
 */
import { expected, show, UsageError } from '../../../core/index.js';
import type { SampleOperator } from '../../transform/define-transform.js';
import { timmAugMix } from './aug-mix.js';
import { timmAutoAugment } from './auto-augment.js';
import { TOP } from './options.js';
import { timmRandAugment } from './rand-augment.js';
import { SETS, SUB_POLICIES } from './tables.js';

interface Key {
  readonly least: number;
  readonly most: number;
  readonly whole?: true;
}
type Keys = Readonly<Record<string, Key>>;
type Values = Readonly<Record<string, number>>;

const whole = (least: number, most: number): Key => ({ least, most, whole: true });
const MAGNITUDE = whole(0, 100);
const MSTD: Key = { least: 0, most: 1000 };
const FLAG = whole(0, 1);

const RAND: Keys = {
  ...{ m: MAGNITUDE, n: whole(0, 32), p: { least: 0, most: 1 }, mstd: MSTD },
  ...{ mmax: whole(1, 30), inc: FLAG },
};
const AUGMIX: Keys = {
  ...{ m: MAGNITUDE, w: whole(1, 16), d: whole(0, 16), a: { least: 0.001, most: 100 } },
  ...{ b: FLAG, mstd: MSTD },
};
/** From here on timm draws magnitudes uniformly; of RandAugment alone. */
const UNIFORM_ABOVE = 100;

type Make = (parts: readonly string[], text: string) => SampleOperator;

/** By the first part of the string. */
export const TIMM_STRINGS: Readonly<Record<string, Make>> = {
  rand(parts, text) {
    const sets = parts.filter((part) => part.startsWith('t'));
    if (sets.length > 1) throw twice('t', text);
    const rest = parts.filter((part) => !part.startsWith('t'));
    const { m, n, p, mstd = 0, mmax = TOP, inc = 0 } = valuesOf(rest, RAND, text, ['tSET']);
    const set = sets[0] === undefined ? 'all' : setOf(sets[0].slice(1), text);
    const deviation = mstd > UNIFORM_ABOVE ? 'uniform' : mstd;
    return timmRandAugment({ m, n, chance: p, deviation, max: mmax, increasing: inc === 1, set });
  },
  augmix(parts, text) {
    // b1 blends step by step, with the same resulting weights, so it makes no difference here.
    const { m, w, d = 0, a, mstd } = valuesOf(parts, AUGMIX, text);
    return timmAugMix({ m, width: w, depth: d === 0 ? 'random' : d, alpha: a, deviation: mstd });
  },
  ...Object.fromEntries(
    (Object.keys(SUB_POLICIES) as (keyof typeof SUB_POLICIES)[]).map((policy): [string, Make] => [
      policy,
      (parts, text) => timmAutoAugment({ policy, deviation: valuesOf(parts, { mstd: MSTD }, text).mstd }),
    ]),
  ),
};

function setOf(name: string, text: string): keyof typeof SETS {
  if (Object.hasOwn(SETS, name)) return name as keyof typeof SETS;
  const known = Object.keys(SETS).join(', ');
  throw new UsageError(
    `policy: expected t to name one of ${known} but received ${show(name)} in ${show(text)}; leave it out for all operations`,
  );
}

/** `['m9', 'n3']` as `{ m: 9, n: 3 }`. */
function valuesOf(parts: readonly string[], keys: Keys, text: string, more: readonly string[] = []): Values {
  const values = new Map<string, number>();
  for (const part of parts) {
    const [, name = '', written = ''] = /^([a-z]+)(\d.*)$/.exec(part) ?? [];
    if (name === 'w' && keys === RAND)
      throw new UsageError(`policy: timm removed the key w of rand, in '${text}'; write tweights`);
    const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
    if (!key) throw unknown(part, text, [...Object.keys(keys).map((known) => `${known}NUMBER`), ...more]);
    if (values.has(name)) throw twice(name, text);
    values.set(name, numberOf(name, written, key, text));
  }
  return Object.fromEntries(values);
}

function numberOf(name: string, written: string, { least, most, whole }: Key, text: string): number {
  const value = (whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(written) ? Number(written) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = `a ${whole ? 'whole number' : 'number'} in ${least}..${most}`;
  throw new UsageError(expected(`policy: ${name} in ${show(text)}`, range, written));
}

const unknown = (part: string, text: string, known: readonly string[]) =>
  new UsageError(
    `policy: expected parts ${known.join(', ')} but received ${show(part)} in ${show(text)}; remove it, or write one of those`,
  );

const twice = (name: string, text: string) =>
  new UsageError(`policy: expected ${name} once but received it twice in ${show(text)}; remove one of them`);
