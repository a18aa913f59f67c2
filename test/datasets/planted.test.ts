/** What is planted is there, and nothing else is. */
import { describe, expect, it } from 'vitest';
import { Draws, type Item, keyOf, UsageError } from '../../src/core/index.js';
import { BRIGHTER, PLANTED, type Planted, planted, ROTATED } from '../../src/datasets/index.js';
import { GLYPHS, glyphOf, inkOf, type Pose } from '../../src/datasets/planted/glyph.js';

const SPLITS = ['train', 'heldOut', 'test'] as const;
type Split = (typeof SPLITS)[number];

const pixelsOf = (item: Item): Uint8Array => {
  if (item.image.kind !== 'pixels') throw new Error('expected pixels');
  return item.image.data as Uint8Array;
};
const images = (kind: Planted, split: Split, count = 300, seed = 0) => {
  const set = planted({ planted: kind, split, count, seed });
  return Array.from({ length: count }, (_, n) => set.item(n));
};
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
const light = (item: Item) => mean([...pixelsOf(item)]);

describe('planted', () => {
  it.each(PLANTED)(
    '%s: the same bytes for the same options, and images of their own for each split and seed',
    (kind) => {
      const all = SPLITS.flatMap((split) => [0, 1].map((seed) => images(kind, split, 40, seed)));
      const bytes = all.flat().map((item) => Buffer.from(pixelsOf(item)).toString('latin1'));
      expect(new Set(bytes).size).toBe(bytes.length);
      expect(images(kind, 'test', 40, 1).map(pixelsOf)).toEqual(all[5]?.map(pixelsOf));
    },
  );

  it.each([
    ['flip', 6],
    ['colour', 12],
    ['rotated', 3],
    ['bright', 3],
    ['nothing', 3],
  ] as const)('%s has %i classes, as many images of each', (kind, classes) => {
    const set = planted({ planted: kind, split: 'train', count: 5 * classes });
    expect(set.classes).toHaveLength(classes);
    expect(set.length).toBe(5 * classes);
    const labels = images(kind, 'train', 5 * classes).map(({ label }) => label);
    for (const label of set.classes.keys()) expect(labels.filter((one) => one === label)).toHaveLength(5);
  });

  it('bright: held-out and test images are brighter by the mean of BRIGHTER, training images are not', () => {
    const [train, ...others] = SPLITS.map((split) => mean(images('bright', split).map(light)));
    const factor = (BRIGHTER[0] + BRIGHTER[1]) / 2;
    for (const other of others) expect(other / (train as number) / factor).toBeCloseTo(1, 1);
    const same = SPLITS.map((split) => mean(images('nothing', split).map(light)));
    expect(Math.max(...same) / Math.min(...same)).toBeLessThan(1.05);
  });

  const grayOf = (item: Item) => {
    const data = pixelsOf(item);
    return Array.from({ length: 32 * 32 }, (_, i) => mean([0, 1, 2].map((c) => data[3 * i + c] as number)));
  };
  /** The mean of some images, turned by an angle in degrees, clockwise. */
  const turnedMean = (grays: readonly number[][], angle: number): number[] => {
    const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    const all = Array.from({ length: 32 * 32 }, (_, i) => mean(grays.map((gray) => gray[i] as number)));
    return all.map((_, i) => {
      const [x, y] = [(i % 32) - 15.5, Math.floor(i / 32) - 15.5];
      const [u, v] = [Math.round(cos * x + sin * y + 15.5), Math.round(cos * y - sin * x + 15.5)];
      return u >= 0 && u < 32 && v >= 0 && v < 32 ? (all[32 * v + u] as number) : 0;
    });
  };
  const product = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  /** Standard deviation of the angles at which the mean of the training images fits the flags of a split best. */
  const spread = (kind: Planted, split: Split) => {
    const flags = (from: Split) =>
      images(kind, from)
        .filter(({ label }) => label === 0)
        .map(grayOf);
    const train = flags('train');
    const templates = Array.from({ length: 25 }, (_, i) => 4 * i - 48).map((angle) => {
      const template = turnedMean(train, angle);
      return { angle, template, size: Math.sqrt(product(template, template)) };
    });
    const angles = flags(split).map((gray) => {
      const fits = templates.map(({ template, size }) => product(gray, template) / size);
      return templates[fits.indexOf(Math.max(...fits))]?.angle as number;
    });
    const center = mean(angles);
    return Math.sqrt(mean(angles.map((angle) => (angle - center) ** 2)));
  };

  it('rotated: held-out and test images are turned by a uniform angle up to ROTATED, training images are not', () => {
    const own = spread('rotated', 'train');
    for (const split of ['heldOut', 'test'] as const) {
      const added = Math.sqrt(spread('rotated', split) ** 2 - own ** 2);
      expect(added / (ROTATED / Math.sqrt(3))).toBeGreaterThan(0.7);
      expect(added / (ROTATED / Math.sqrt(3))).toBeLessThan(1.3);
      expect(spread('nothing', split)).toBeLessThan(1.3 * own);
    }
  });

  it('colour: the mean hue of the images of a class is the hue of its name, for that of the clutter cancels out', () => {
    const { classes } = planted({ planted: 'colour', split: 'train' });
    expect([classes[0], classes[4], classes[8]]).toEqual(['red', 'green', 'blue']);
    const sums = classes.map(() => [0, 0] as [number, number]);
    for (const item of images('colour', 'test', 100 * classes.length)) {
      const data = pixelsOf(item);
      const sum = sums[item.label as number] as [number, number];
      for (let i = 0; i < data.length; i += 3) {
        const [r, g, b] = [data[i], data[i + 1], data[i + 2]] as [number, number, number];
        sum[0] += r - (g + b) / 2;
        sum[1] += (Math.sqrt(3) / 2) * (g - b);
      }
    }
    for (const [c, [x, y]] of sums.entries()) {
      const away = (Math.atan2(y, x) * 180) / Math.PI - 30 * c;
      expect(Math.abs(((away + 540) % 360) - 180), classes[c]).toBeLessThan(15);
    }
  });

  const still: Pose = { mirrored: false, turn: 0, scale: 0.7, shift: [0, 0], thickness: 0.1 };
  const ink = (name: string, pose: Partial<Pose> = {}) =>
    inkOf(glyphOf(name, { ...still, ...pose }, new Draws(keyOf(0))), still.thickness, 32);
  const apart = (a: Float32Array, b: Float32Array) =>
    mean([...a].map((v, i) => Math.abs(v - (b[i] as number))));
  const everyTurn = Array.from({ length: 72 }, (_, i) => (i * Math.PI) / 36);

  it('no glyph is its own mirror image or another glyph, however it is turned', () => {
    const names = Object.keys(GLYPHS);
    const nearest = (name: string, other: string, mirrored: boolean) =>
      Math.min(...everyTurn.map((turn) => apart(ink(name), ink(other, { turn, mirrored }))));
    const itself = apart(ink('flag'), ink('flag', { turn: 0.1 }));
    for (const name of names) {
      expect(nearest(name, name, true)).toBeGreaterThan(itself);
      for (const other of names.filter((one) => one !== name))
        for (const mirrored of [false, true]) expect(nearest(name, other, mirrored)).toBeGreaterThan(itself);
    }
  });

  it('flip: left and right are mirror images in all else alike', () => {
    for (const name of Object.keys(GLYPHS)) {
      const mirrored = ink(name, { mirrored: true });
      expect(apart(ink(name), mirrored)).toBeGreaterThan(0.05);
    }
    const [left, right] = [0, 1].map((hand) =>
      mean(
        images('flip', 'train')
          .filter(({ label }) => (label as number) % 2 === hand)
          .map(light),
      ),
    );
    expect((left as number) / (right as number)).toBeCloseTo(1, 1);
  });

  it.each([
    ['an unknown plant', { planted: 'color', split: 'train' }, /planted: .*planted/],
    ['an unknown split', { planted: 'flip', split: 'valid' }, /split/],
    ['no images', { planted: 'flip', split: 'test', count: 0 }, /count/],
    ['an unknown option', { planted: 'flip', split: 'test', color: 1 }, /color/],
  ])('refuses %s', (_, options, message) => {
    expect(() => planted(options as never)).toThrow(UsageError);
    expect(() => planted(options as never)).toThrow(message);
  });

  it('refuses an image that is not there', () => {
    const set = planted({ planted: 'nothing', split: 'test', count: 3 });
    for (const n of [3, -1, 0.5]) expect(() => set.item(n)).toThrow(RangeError);
  });
});
