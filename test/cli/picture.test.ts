import { describe, expect, it } from 'vitest';
import { pictureOf } from '../../src/pipeline/picture.js';

const normalize = { op: 'normalize', params: { mean: [0.5, 0.25, 0], std: [0.5, 0.25, 1] } };
/** Two pixels, [1, 2, 3], as normalize leaves them. */
const bytes = [0, 128, 255, 17, 64, 99];
const written = bytes.map((byte, i) => {
  const { mean, std } = normalize.params;
  return (byte / 255 - (mean[i % 3] as number)) / (std[i % 3] as number);
});

describe('pictureOf', () => {
  it('undoes normalize', () => {
    const images = Float32Array.from([9, 9, 9, 9, 9, 9, ...written]);
    const batch = { images, height: 1, width: 2, dtype: 'float32', layout: 'HWC' } as const;
    expect([...pictureOf(batch, 1, [{ op: 'horizontalFlip', params: {} }, normalize])]).toEqual(bytes);
  });

  it('reads planes', () => {
    const planes = [0, 3, 1, 4, 2, 5].map((i) => written[i] as number);
    const batch = {
      images: Float32Array.from(planes),
      height: 1,
      width: 2,
      dtype: 'float32',
      layout: 'CHW',
    } as const;
    expect([...pictureOf(batch, 0, [normalize])]).toEqual(bytes);
  });

  it('keeps uint8 as it is, and clamps what is out of range', () => {
    const uint8 = {
      images: Uint8Array.from(bytes),
      height: 1,
      width: 2,
      dtype: 'uint8',
      layout: 'HWC',
    } as const;
    expect([...pictureOf(uint8, 0, [])]).toEqual(bytes);
    const images = Float32Array.from([-1, 0, 0.5, 1, 2, 1]);
    expect([...pictureOf({ images, height: 1, width: 2, dtype: 'float32', layout: 'HWC' }, 0, [])]).toEqual([
      0, 0, 128, 255, 255, 255,
    ]);
  });
});
