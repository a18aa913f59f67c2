/** What is measured of one image. */
import { describe, expect, it } from 'vitest';
import { measure, measuredView } from '../../src/prepare/index.js';
import { sharpnessOf } from '../../src/prepare/measure/blur.js';
import { contrastOf, exposureOf } from '../../src/prepare/measure/exposure.js';
import { lumaOf, resizeLuma } from '../../src/prepare/measure/luma.js';
import { photo } from './photos.js';

const gray = (width: number, height: number, at: (x: number, y: number) => number) => ({
  data: Uint8Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width))),
  width,
  height,
});

describe('measures', () => {
  it('luma is that of BT.601, of 1, 3 or 4 channels', () => {
    const rgb = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255);
    expect([...lumaOf({ data: rgb, width: 4, height: 1 }).data]).toEqual([76, 150, 29, 255]);
    const rgba = Uint8Array.of(255, 0, 0, 9, 0, 0, 255, 9);
    expect([...lumaOf({ data: rgba, width: 2, height: 1 }, 4).data]).toEqual([76, 29]);
    expect([...lumaOf({ data: Uint8Array.of(3, 200), width: 2, height: 1 }, 1).data]).toEqual([3, 200]);
  });

  it('sharpness is the variance of the Laplacian', () => {
    // One bright pixel: among the 9 inner ones −4 · 90 once, 90 four times, 0 four times; their mean is 0.
    const dot = gray(5, 5, (x, y) => (x === 2 && y === 2 ? 90 : 0));
    expect(sharpnessOf(dot)).toBeCloseTo((360 ** 2 + 4 * 90 ** 2) / 9, 9);
    expect(sharpnessOf(gray(20, 20, (x, y) => 3 * x + 4 * y))).toBe(0);
    expect(sharpnessOf(gray(2, 50, (x) => 200 * x))).toBe(0);
  });

  it('sharpness falls with blur, and the size of the file hardly matters', () => {
    const luma = lumaOf(photo(3, 640, 480));
    const blurred = resizeLuma(resizeLuma(luma, 64, 48), 640, 480);
    expect(sharpnessOf(blurred)).toBeLessThan(sharpnessOf(luma) / 5);
    const half = resizeLuma(luma, 320, 240);
    expect(sharpnessOf(half) / sharpnessOf(luma)).toBeGreaterThan(0.8);
    expect(sharpnessOf(half) / sharpnessOf(luma)).toBeLessThan(1.25);
  });

  it('exposure: the mean, and the shares of black and white', () => {
    const levels = [0, 2, 3, 252, 253, 255, 100, 100];
    expect(exposureOf(gray(8, 1, (x) => levels[x]!))).toEqual({
      mean: levels.reduce((a, b) => a + b) / 8,
      black: 2 / 8,
      white: 2 / 8,
    });
  });

  it('contrast is the standard deviation of the thumbnail', () => {
    expect(contrastOf(new Uint8Array(1024).fill(77))).toBe(0);
    expect(contrastOf(Uint8Array.from({ length: 1024 }, (_, i) => (i % 2 ? 110 : 90)))).toBeCloseTo(10, 9);
  });

  it('all of it together, with the size of the image that was decoded at a fraction', () => {
    const { data, width, height } = photo(5, 200, 100);
    const whole = measure({ data, width, height, channels: 3 });
    expect([whole.width, whole.height, whole.aspect]).toEqual([200, 100, 2]);
    expect(whole.thumbnail.length).toBe(1024);
    const part = measure({ data, width, height, channels: 3 }, { width: 1600, height: 400 });
    expect(part).toEqual({ ...whole, width: 1600, height: 400, aspect: 4 });
  });

  it('asks for the fraction that leaves 256 pixels along the shorter side', () => {
    const shrink = (width: number, height: number) => measuredView(width, height).shrink;
    expect([shrink(500, 375), shrink(512, 900), shrink(4000, 1024), shrink(4000, 3000)]).toEqual([
      1, 2, 4, 8,
    ]);
    expect(measuredView(600, 512).window).toEqual([0, 0, 600, 512]);
  });
});
