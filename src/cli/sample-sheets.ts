/** Samples of a generator in training as contact sheets, one file for each time: `step-000500.png`. */
import { join } from 'node:path';
import type { Watch } from '../gan/index.js';
import { writePng } from '../pipeline/write-png.js';
import { contactSheet } from '../report/contact-sheet.js';

/** Default number of steps between two sheets. */
const EVERY = 500;
const COUNT = 8;

export function sampleSheets(dir: string, every = EVERY): Watch {
  return {
    every,
    count: COUNT,
    async see({ step, what, pictures, width, height, columns, captions }) {
      const cells = pictures.map((data, i) => ({ data, width, height, caption: captions?.[i] }));
      const prefix = what === 'samples' ? '' : `${what}-`;
      const name = step === undefined ? what : `${prefix}step-${String(step).padStart(6, '0')}`;
      await writePng(
        join(dir, `${name}.png`),
        contactSheet(cells, { columns, scale: Math.max(1, Math.floor(64 / width)) }),
      );
    },
  };
}
