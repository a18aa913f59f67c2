/**
 * TensorFlow's stateless uniform numbers, to the bit: Philox 4×32 of 10 rounds (Salmon et al., "Parallel random numbers:
 * as easy as 1, 2, 3", 2011), its key and counter scrambled from the seed by Philox itself.
 */
import type { Builder } from '../builder.js';
import { type Element, type Hlo, sizeOf, type TensorType } from '../types.js';
import type { Rules } from './rule.js';

const ROUNDS = 10;
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const KEY_STEPS = [0x9e3779b9, 0xbb67ae85] as const;
/** The key under which seeds are scrambled. */
const SCRAMBLE = [0x3ec8f720, 0x02461e29] as const;

/** Numbers that one run of the generator makes at most, if more than one draw is in it: 16 MB. */
const MOST_AT_ONCE = 2 ** 22;

/** A tensor of uniform numbers and the seed, two int32, that it follows from. */
export interface Draw {
  readonly seed: Hlo;
  readonly output: TensorType;
}

type Four = [Hlo, Hlo, Hlo, Hlo];

/** Philox makes so many numbers at once. */
const LANES = 4;
const groupsOf = ({ output }: Draw): number => Math.ceil(sizeOf(output.shape) / LANES);

/**
 * Writes several draws at once: the generator is some 300 operations long whatever the size, and a step may draw fifty
 * times.
 */
export function uniforms(h: Builder, draws: readonly Draw[]): Hlo[] {
  const made: Hlo[] = [];
  for (let from = 0; from < draws.length; ) {
    let [to, numbers] = [from, 0];
    do numbers += LANES * groupsOf(draws[to++]);
    while (to < draws.length && numbers + LANES * groupsOf(draws[to]) <= MOST_AT_ONCE);
    made.push(...together(h, draws.slice(from, to)));
    from = to;
  }
  return made;
}

function together(h: Builder, draws: readonly Draw[]): Hlo[] {
  const filled = draws.filter((draw) => groupsOf(draw) > 0);
  if (filled.length === 0) return draws.map(({ output }) => h.splat(0, output));
  const total = filled.reduce((sum, draw) => sum + groupsOf(draw), 0);
  const seeds = h.concat(
    filled.map(({ seed }) => h.reshape(seed, [1, 2])),
    0,
  );
  // One number for each seed → one for each group of the draw that follows from it.
  const perGroup = (words: Hlo) =>
    h.concat(
      filled.map((draw, i) => h.broadcast(h.slice(words, [i], [i + 1]), [groupsOf(draw)], [0])),
      0,
    );
  const index = h.concat(
    filled.map((draw) => h.iota([groupsOf(draw)], 0, 'ui32')),
    0,
  );
  const [low, high, third, fourth] = scrambled(h, seeds).map(perGroup);
  const lanes = philox(h, [index, h.like(index, 0), third, fourth], [low, high]);
  const rows = h.concat(
    lanes.map((lane) => h.reshape(lane, [total, 1])),
    1,
  );
  const all = unit(h, h.reshape(rows, [LANES * total]));
  let at = 0;
  return draws.map((draw) => {
    const size = sizeOf(draw.output.shape);
    if (size === 0) return h.splat(0, draw.output);
    const own = h.slice(all, [LANES * at], [LANES * at + size]);
    at += groupsOf(draw);
    return h.reshape(own, draw.output.shape);
  });
}

/** Two words of a key and the upper two of a counter for each seed [n, 2]; TensorFlow reads its words as int64. */
function scrambled(h: Builder, seeds: Hlo): Four {
  const [n] = seeds.shape;
  const words = [0, 1].flatMap((i) => {
    const word = h.reshape(h.slice(seeds, [0, i], [n, i + 1]), [n]);
    const sign = h.same('shift_right_arithmetic', word, h.like(word, 31));
    return [word, sign].map((x) => bits(h, x, 'ui32'));
  }) as Four;
  const key = SCRAMBLE.map((word) => h.like(words[0], word)) as [Hlo, Hlo];
  return philox(h, words, key);
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

export const randoms: Rules = {
  StatelessRandomUniform: (h, { inputs: { seed }, output }) => uniforms(h, [{ seed, output }]),
};
