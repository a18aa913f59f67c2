/** Glyphs whose class is their handedness: a mirror turns one class into the other, brightness says nothing. */
import { brightness, horizontalFlip, padCrop } from '../../../src/augment/index.js';
import { type Dataset, Draws, fold, keyOf } from '../../../src/core/index.js';
import type { SearchProblem } from '../../../src/search/problem.js';
import { cnn } from '../../../src/train/models/index.js';

const SIDE = 12;

/** An L, mirrored for the second class, somewhere in the image. */
function glyphs(count: number, from: number, channels: 1 | 3): Dataset {
  return {
    name: 'glyphs',
    classes: ['left', 'right'],
    length: count,
    item(i) {
      const draws = new Draws(fold(keyOf(5), from + i));
      const label = i % 2;
      const data = Uint8Array.from({ length: SIDE * SIDE * channels }, () => draws.int(40));
      const [x, y, ink] = [1 + draws.int(4), 1 + draws.int(4), 150 + draws.int(100)];
      const dot = (dx: number, dy: number) => {
        const column = label === 0 ? x + dx : SIDE - 1 - x - dx;
        for (let c = 0; c < channels; c++) data[((y + dy) * SIDE + column) * channels + c] = ink;
      };
      for (let k = 0; k < 6; k++) for (const wide of [0, 1]) dot(wide, k);
      for (let k = 0; k < 6; k++) for (const wide of [0, 1]) dot(k, 5 + wide);
      const image = { kind: 'pixels', data, width: SIDE, height: SIDE, channels } as const;
      return { id: `glyph-${from + i}`, image, label };
    },
  };
}

export function handed(channels: 1 | 3 = 3): SearchProblem {
  const perChannel = (value: number) => Array<number>(channels).fill(value);
  return {
    train: glyphs(160, 0, channels),
    test: glyphs(20, 1000, channels),
    space: {
      ops: [
        { name: 'flip', make: () => horizontalFlip({ p: 1 }) },
        {
          name: 'brightness',
          magnitude: { low: 0.5, high: 1.5, neutral: 1, unit: 'factor' },
          make: (low, high) => brightness({ factor: [low, high] }),
        },
      ],
      subPolicies: 1,
      stages: 1,
    },
    size: SIDE,
    channels,
    statistics: { mean: perChannel(0.2), std: perChannel(0.3) },
    base: [padCrop({ padding: 1 })],
    trial: { model: cnn({ filters: [8, 8] }), epochs: 8, batch: 16, learningRate: 0.1, weightDecay: 0 },
  };
}
