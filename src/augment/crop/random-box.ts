/** Boxes of random area and aspect ratio inside an image whose size is not known when they are drawn. */
import { z } from 'zod';
import type { Draws } from '../../core/index.js';

export const boxParams = {
  /** [share of the area, width/height], tried in order. */
  tries: z.array(z.tuple([z.number().min(0), z.number().positive()])).min(1),
  /** Where the box lies within its free room, in [0, 1). */
  x: z.number().min(0).max(1),
  y: z.number().min(0).max(1),
};

/** Area uniform, aspect ratio log-uniform (Szegedy et al., 2015); as many candidates as `tries`. */
export function drawBox(
  draws: Draws,
  area: readonly [number, number],
  ratio: readonly [number, number],
  tries: number,
) {
  const low = Math.log(ratio[0]);
  const high = Math.log(ratio[1]);
  // Drawn for every sample: a loop takes a third of the time of Array.from with its closure.
  const candidates = new Array<[number, number]>(tries);
  for (let i = 0; i < tries; i++) {
    candidates[i] = [draws.uniform(area[0], area[1]), Math.exp(draws.uniform(low, high))];
  }
  return { tries: candidates, x: draws.uniform(), y: draws.uniform() };
}

export interface Fit {
  x0: number;
  y0: number;
  width: number;
  height: number;
}

/** The first candidate that fits into W×H pixels; undefined when none does. */
export function fitBox(
  { tries, x, y }: { tries: [number, number][]; x: number; y: number },
  W: number,
  H: number,
): Fit | undefined {
  for (let i = 0; i < tries.length; i++) {
    const candidate = tries[i] as [number, number];
    const area = candidate[0];
    const ratio = candidate[1];
    const width = Math.round(Math.sqrt(area * W * H * ratio));
    const height = Math.round(Math.sqrt((area * W * H) / ratio));
    if (width < 1 || height < 1 || width > W || height > H) continue;
    return { width, height, x0: place(x, W - width), y0: place(y, H - height) };
  }
  return undefined;
}

/** Offset 0..room from a number in [0, 1]. */
export const place = (at: number, room: number): number => Math.min(room, Math.floor(at * (room + 1)));
