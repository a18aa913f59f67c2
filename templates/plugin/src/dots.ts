/**
 * A source: pictures with few or many white dots on black, made as they are asked for; seed, epochs and shuffle
 * are those of every source. Pixels are [side, side, 3] uint8.
 */
import { Draws, fold, keyOf, parseOptions, samples, sourceOptions, z } from 'rxaug/plugin';

const options = sourceOptions.extend({
  /** Pictures in an epoch. */
  count: z.int().min(1).default(100),
  /** Pixels of a side. */
  side: z.int().min(8).default(32),
});

export function dots(given: z.input<typeof options> = {}) {
  const { count, side, ...source } = parseOptions('dots', options, given);
  const item = (index: number) => {
    const label = index % 2;
    const draws = new Draws(fold(keyOf(source.seed), index));
    const data = new Uint8Array(3 * side * side);
    for (let i = 0; i < 4 + 12 * label; i++) {
      const at = 3 * draws.int(side * side);
      data.fill(255, at, at + 3);
    }
    return {
      id: `dots/${index}`,
      label,
      image: { kind: 'pixels', data, width: side, height: side, channels: 3 } as const,
    };
  };
  return samples({ name: 'dots', classes: ['few', 'many'], length: count, item }, source);
}
