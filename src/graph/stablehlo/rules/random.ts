/**
 * TensorFlow's stateless uniform numbers, to the bit: Philox 4×32 of 10 rounds (Salmon et al., "Parallel random numbers:
 * as easy as 1, 2, 3", 2011), its key and counter scrambled from the seed by Philox itself.
 */
import type { Builder } from '../builder.js';
import type { Element, Hlo } from '../types.js';
import { sizeOf } from '../types.js';
import type { Rule, Rules } from './rule.js';

const ROUNDS = 10;
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const KEY_STEPS = [0x9e3779b9, 0xbb67ae85] as const;
/** The key under which a seed is scrambled. */
const SCRAMBLE = [0x3ec8f720, 0x02461e29] as const;

type Four = [Hlo, Hlo, Hlo, Hlo];

const uniform: Rule = (h, { inputs: { seed }, output }) => {
  const size = sizeOf(output.shape);
  const groups = Math.ceil(size / 4);
  if (size === 0) return h.splat(0, output);
  const [key, counter] = scrambled(h, seed);
  const wide = (x: Hlo) => h.broadcast(x, [groups], []);
  const index = h.iota([groups], 0, 'ui32');
  const made = philox(
    h,
    [index, h.like(index, 0), wide(counter[0]), wide(counter[1])],
    [wide(key[0]), wide(key[1])],
  );
  const rows = h.concat(
    made.map((lane) => h.reshape(lane, [groups, 1])),
    1,
  );
  const all = h.slice(h.reshape(rows, [4 * groups]), [0], [size]);
  return h.reshape(unit(h, all), output.shape);
};

/** A key and the upper half of a counter for a seed of two int32, which TensorFlow reads as int64. */
function scrambled(h: Builder, seed: Hlo): [key: [Hlo, Hlo], counter: [Hlo, Hlo]] {
  const words = [0, 1].flatMap((i) => {
    const word = h.reshape(h.slice(seed, [i], [i + 1]), []);
    const sign = h.same('shift_right_arithmetic', word, h.scalar(31, 'i32'));
    return [word, sign].map((x) => bits(h, x, 'ui32'));
  }) as Four;
  const key = SCRAMBLE.map((word) => h.scalar(word, 'ui32')) as [Hlo, Hlo];
  const mixed = philox(h, words, key);
  return [
    [mixed[0], mixed[1]],
    [mixed[2], mixed[3]],
  ];
}

function philox(h: Builder, counter: Four, key: [Hlo, Hlo]): Four {
  let [state, [low, high]] = [counter, key];
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) {
      low = h.same('add', low, h.like(low, KEY_STEPS[0]));
      high = h.same('add', high, h.like(high, KEY_STEPS[1]));
    }
    const [low0, high0] = product(h, state[0], MULTIPLIERS[0]);
    const [low1, high1] = product(h, state[2], MULTIPLIERS[1]);
    state = [
      h.same('xor', h.same('xor', high1, state[1]), low),
      low1,
      h.same('xor', h.same('xor', high0, state[3]), high),
      low0,
    ];
  }
  return state;
}

/** The lower and the upper 32 bits of a product. */
function product(h: Builder, x: Hlo, factor: number): [low: Hlo, high: Hlo] {
  const long = h.scaled(h.convert(x, 'ui64'), factor);
  const upper = h.same('shift_right_logical', long, h.like(long, 32));
  return [h.scaled(x, factor), h.convert(upper, 'ui32')];
}

/** 23 bits as the fraction of a number in [1, 2), less 1. */
function unit(h: Builder, x: Hlo): Hlo {
  const fraction = h.same('and', x, h.like(x, 0x7fffff));
  const number = bits(h, h.same('or', fraction, h.like(x, 0x3f800000)), 'f32');
  return h.same('subtract', number, h.like(number, 1));
}

const bits = (h: Builder, x: Hlo, type: Element): Hlo =>
  h.op('bitcast_convert', [x], '', { shape: x.shape, type });

export const randoms: Rules = { StatelessRandomUniform: uniform };
