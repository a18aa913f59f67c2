/** Affine rows on the kernels give the bytes of the plain sampler, wherever the source lies. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Border,
  type Geometry,
  instantiate,
  type Matrix,
  Regions,
  rowSampler,
  sampler,
} from '../../src/kernels/index.js';
import { noise } from './noise.js';

const kernels = instantiate();
const regions = new Regions(kernels.memory);

const anything = fc.double({ min: -3, max: 3, noNaN: true });
/** Slopes at which whole rows, or none, are inside. */
const slope = fc.oneof(anything, fc.constantFrom(0, 1, -1, 0.25, 2 ** -20, 0.999));
const side = fc.integer({ min: 1, max: 40 });

function rows(geometry: Geometry, width: number, height: number, seed: number) {
  const data = noise(seed, 3 * width * height);
  const plain = sampler({ data, width, height }, geometry);
  const bytes = 3 * geometry.width;
  const expected = new Uint8Array(bytes * geometry.height);
  for (let y = 0; y < geometry.height; y++) plain(y, expected.subarray(bytes * y, bytes * (y + 1)));

  const at = regions.at('source', data.length);
  const to = regions.at('test output', expected.length);
  regions.bytes.set(data, at);
  rowSampler(kernels, regions, { at, width, height }, geometry)(0, geometry.height, to);
  return [Buffer.from(regions.bytes.slice(to, to + expected.length)), Buffer.from(expected)] as const;
}

describe('affine rows', () => {
  for (const interpolation of ['nearest', 'bilinear'] as const) {
    it(`equal the plain sampler: ${interpolation}`, () => {
      fc.assert(
        fc.property(
          fc.nat(1e6),
          fc.tuple(slope, slope, anything, slope, slope, anything),
          fc.tuple(side, side, side, side),
          fc.constantFrom<Border>('constant', 'edge', 'reflect'),
          fc.boolean(),
          (seed, [a, b, c, d, e, f], [width, height, w, h], border, part) => {
            const matrix: Matrix = [a, b, width * c, d, e, height * f];
            const window = part
              ? ([Math.floor(width / 4), Math.floor(height / 3), width, Math.ceil(height / 2)] as const)
              : ([0, 0, width, height] as const);
            const fill = [7, 130, 251] as const;
            const look = { border, fill, interpolation, antialias: false, window };
            const [ours, expected] = rows({ matrix, width: w, height: h, ...look }, width, height, seed);
            expect(Buffer.compare(ours, expected)).toBe(0);
          },
        ),
        { numRuns: 1000 },
      );
    });
  }

  it('slides rows by a part of a pixel as the plain sampler does', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.double({ min: -40, max: 40, noNaN: true }),
        fc.integer({ min: -3, max: 3 }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        side,
        side,
        fc.constantFrom<Border>('constant', 'edge', 'reflect'),
        (seed, shift, down, slant, width, height, border) => {
          const window = [0, 0, width, height] as const;
          const look = { border, fill: [9, 8, 200], interpolation: 'bilinear', antialias: false } as const;
          const matrix: Matrix = [1, slant, shift, 0, 1, down];
          const [ours, expected] = rows({ matrix, width, height, ...look, window }, width, height, seed);
          expect(Buffer.compare(ours, expected)).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
