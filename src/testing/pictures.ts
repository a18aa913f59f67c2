/** Pictures that are made, not read: waves of falling amplitude as in photographs, noise, flat areas, edges. */
import { Draws, fold, type Key, keyOf, tag } from '../core/index.js';
import type { Picture } from './render.js';

/** What a test picture shows: waves as in photographs, noise, one color, or a checkerboard. */
export type PictureKind = 'texture' | 'noise' | 'flat' | 'edges';

/**
 * A test picture that is computed, not read: waves of falling amplitude as in photographs ('texture'), noise, one color
 * ('flat') or a checkerboard ('edges').
 *
 * @param width pixels
 * @param height pixels
 * @param seed decides the numbers
 * @param kind default 'texture'
 * @returns uint8 [H, W, 3]
 *
 * @example
 * picture(4, 3, 1).data.length // → 36
 */
export function picture(width: number, height: number, seed: number, kind: PictureKind = 'texture'): Picture {
  const key = fold(keyOf(seed), tag(kind), width, height);
  return { data: paint[kind](width, height, key), width, height };
}

/**
 * Seven test pictures: one of each kind and several shapes, among them wide, tall, tiny and a single pixel.
 *
 * @example
 * pictures().map(({ width, height }) => `${width}×${height}`).at(-1) // → '1×1'
 */
export const pictures = (seed = 1): Picture[] => [
  picture(24, 31, seed),
  picture(33, 20, seed),
  picture(32, 32, seed, 'noise'),
  picture(17, 40, seed, 'edges'),
  picture(16, 16, seed, 'flat'),
  picture(7, 3, seed, 'noise'),
  picture(1, 1, seed),
];

const paint: Record<PictureKind, (width: number, height: number, key: Key) => Uint8Array> = {
  texture(width, height, key) {
    const draws = new Draws(key);
    const waves = Array.from({ length: 14 }, (_, i) => {
      const cycles = 0.5 * 1.25 ** i;
      const angle = draws.uniform(0, 2 * Math.PI);
      return {
        fx: (2 * Math.PI * cycles * Math.cos(angle)) / 32,
        fy: (2 * Math.PI * cycles * Math.sin(angle)) / 32,
        phases: [0, 1, 2].map((c) => draws.uniform(0, c === 0 ? 6.28 : 3)),
        amplitude: 40 / (1 + cycles),
      };
    });
    const base = [0, 1, 2].map(() => draws.uniform(80, 170));
    return fill(width, height, (x, y, c) =>
      waves.reduce(
        (sum, w) =>
          sum +
          w.amplitude * Math.sin(w.fx * x + w.fy * y + (w.phases[0] as number) + (w.phases[c] as number)),
        base[c] as number,
      ),
    );
  },
  noise(width, height, key) {
    const draws = new Draws(key);
    return fill(width, height, () => draws.int(256));
  },
  flat(width, height, key) {
    const draws = new Draws(key);
    const color = [0, 1, 2].map(() => draws.int(256));
    return fill(width, height, (_x, _y, c) => color[c] as number);
  },
  edges(width, height, key) {
    const draws = new Draws(key);
    const side = 3 + draws.int(5);
    return fill(width, height, (x, y, c) =>
      (Math.floor(x / side) + Math.floor(y / side) + c) % 2 ? 255 : 0,
    );
  },
};

function fill(width: number, height: number, at: (x: number, y: number, c: number) => number): Uint8Array {
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3);
    data[i] = Math.min(255, Math.max(0, Math.round(at(pixel % width, Math.floor(pixel / width), i % 3))));
  }
  return data;
}
