import { type PlanBuilder, randomErasing } from '../../augment/index.js';
import { Draws, type Key } from '../../core/index.js';
import type { Shape } from './images.js';
import { pixelTwin } from './pixel-twin.js';

interface Drawn {
  readonly x: number;
  readonly y: number;
}

const drawn = (area: number, key: Key) => {
  const options = { scale: [area, area], ratio: [1, 1], fill: 0 } as const;
  return randomErasing.spec.draw(new Draws(key), options as never) as unknown as Drawn;
};

const lower = (plan: PlanBuilder, area: number, key: Key) =>
  randomErasing.op.lower({ ...drawn(Math.min(1, Math.max(0, area)), key) }, plan);

/**
 * A black square inside the image, its magnitude a share of the area, its place by the key. By the image: 0 below the
 * square. By the magnitude: the difference to the next whole side, on the side where the magnitude lies.
 */
export const cutoutTwin = pixelTwin({
  lower,
  backward({ input, shape, magnitude, key, from, to }) {
    to.set(from);
    const { width, height, channels } = shape;
    const all = width * height;
    const exact = Math.sqrt(Math.max(0, magnitude) * all);
    const size = Math.round(exact);
    const less = exact >= size ? size : size - 1;
    const at = drawn(0, key);
    const [shown, smaller, larger] = [size, less, less + 1].map((side) => square(at, side, shape)) as [
      Covers,
      Covers,
      Covers,
    ];
    let sum = 0;
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i += channels) {
        const more = Number(larger(x, y)) - Number(smaller(x, y));
        for (let k = i; k < i + channels && more !== 0; k++) {
          sum -= more * (from[k] as number) * (input[k] as number);
        }
        if (shown(x, y)) to.fill(0, i, i + channels);
      }
    }
    // The side is the root of the area.
    return (sum * all) / (2 * Math.max(0.5, exact)) / 255;
  },
});

type Covers = (x: number, y: number) => boolean;

/** The pixels below a square of a side, placed as the transform places it; none where it does not fit. */
function square({ x, y }: Drawn, side: number, { width, height }: Shape): Covers {
  if (side < 1 || side > Math.min(width, height)) return () => false;
  const [left, top] = [place(x, width - side), place(y, height - side)];
  return (i, j) => i >= left && i < left + side && j >= top && j < top + side;
}

const place = (at: number, room: number) => Math.min(room, Math.floor(at * (room + 1)));
