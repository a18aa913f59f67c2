/** Samples of a generator in training as contact sheets, one file for each time: `step-000500.png`. */
import { join } from 'node:path';
import type { Watch } from '../gan/index.js';
import { contactSheet } from '../report/contact-sheet.js';
import { writePng } from './write-png.js';

/** Steps from one sheet to the next, unless told. */
const EVERY = 500;
const COUNT = 8;

export function sampleSheets(dir: string, every = EVERY): Watch {
  return {
    every,
    count: COUNT,
    async see({ step, what, pictures, width, height, columns, captions }) {
      const cells = pictures.map((data, i) => ({ data, width, height, caption: captions?.[i] }));
      const at = step === undefined ? '' : `step-${String(step).padStart(6, '0')}`;
      const name = `${[what === 'samples' && at ? '' : what, at].filter(Boolean).join('-')}.png`;
      await writePng(
        join(dir, name),
        contactSheet(cells, { columns, scale: Math.max(1, Math.floor(64 / width)) }),
      );
    },
  };
}
