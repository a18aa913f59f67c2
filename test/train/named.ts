/** Data sets whose images show their class by a color, whatever number the class has. */
import type { Dataset, Targets } from '../../src/core/index.js';
import { batch, type SourceOptions, samples } from '../../src/stream/index.js';

const COLORS: Readonly<Record<string, readonly [number, number, number]>> = {
  ant: [230, 230, 20],
  bee: [230, 20, 20],
  cat: [20, 230, 20],
  zebra: [20, 20, 230],
};

const SIDE = 4;

interface NamedOptions {
  /** Classes that have images, in turn; default all. */
  readonly shown?: readonly string[];
  readonly count?: number;
  readonly soft?: boolean;
  readonly targets?: Targets;
  /** Another color for a class: images of it look like those. */
  readonly disguise?: Readonly<Record<string, string>>;
}

export function named(
  name: string,
  classes: readonly string[],
  { shown = classes, count = 24, soft, targets, disguise = {} }: NamedOptions = {},
): Dataset {
  return {
    name,
    classes,
    length: count,
    item(i) {
      const own = shown[i % shown.length];
      const color = COLORS[disguise[own] ?? own];
      const data = new Uint8Array(3 * SIDE * SIDE);
      for (let k = 0; k < data.length; k++) data[k] = color[k % 3] + ((i * 7 + k * 3) % 20);
      const number = classes.indexOf(own);
      const label = soft ? Float32Array.from(classes, (_, k) => Number(k === number)) : number;
      const image = { kind: 'pixels', data, width: SIDE, height: SIDE, channels: 3 } as const;
      return { id: `${own}-${i}`, image, label, targets };
    },
  };
}

/** Batches of it on this thread. */
export const batches = (data: Dataset, options: SourceOptions = {}, size = 8) =>
  samples(data, options).pipe(batch(size, { workers: 0 }));
