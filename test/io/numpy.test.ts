/** NumPy files: what NumPy writes is read, whatever it is else is refused by name. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder, openNumpy } from '../../src/io/index.js';
import { scratchFolder } from './make.js';
import { mutants, readOrRefuse } from './mutants.js';

const folder = scratchFolder();
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/io/pixels.json'), 'utf8'));
const pixels = Buffer.from(golden.pixels, 'base64');
const { labels } = golden as { labels: number[] };
const cache = join(folder, 'cache');

function file(name: string, kind: 'npy' | 'npz' = 'npy'): string {
  const path = join(folder, `${name.replaceAll(' ', '-')}.${kind}`);
  writeFileSync(path, Buffer.from(golden[kind][name], 'base64'));
  return path;
}

/** As numpy.save writes it. */
function npy(descr: string, shape: readonly number[], data: Uint8Array, header?: string): Buffer {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = header ?? `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sides}), }`;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 0, 'latin1');
  const padded = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11)}\n`;
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), data]);
}

async function pixelsOf(data: Awaited<ReturnType<typeof openNumpy>>) {
  using decoder = new Decoder();
  const all: Uint8Array[] = [];
  for (let i = 0; i < data.length; i++)
    all.push(Uint8Array.from((await decoder.decode(data.item(i).image)).data));
  return Buffer.concat(all);
}

describe('reads what NumPy writes', () => {
  it.each([
    ['NHWC', {}],
    ['NHWC version 2', {}],
    ['NCHW', { layout: 'NCHW' as const }],
  ])('%s', async (name, options) => {
    const data = await openNumpy(file(name), { labels: file('int64'), ...options });
    expect([data.length, data.classes, data.problems]).toEqual([6, ['0', '1', '2'], []]);
    expect(Array.from({ length: 6 }, (_, i) => data.item(i).label)).toEqual(labels);
    expect((await pixelsOf(data)).equals(pixels)).toBe(true);
    expect(data.item(1).image.kind).toBe('raw');
  });

  it('gray images', async () => {
    const data = await openNumpy(file('NHW'), { labels: false });
    expect([data.length, data.classes]).toEqual([6, ['unlabeled']]);
    const all = await pixelsOf(data);
    expect(all.every((value, i) => value === pixels[i - (i % 3)])).toBe(true);
  });

  it.each(['int64', 'uint8', 'big int32', 'names'])('labels %s', async (name) => {
    const data = await openNumpy(file('NHWC'), { labels: file(name) });
    expect(Array.from({ length: 6 }, (_, i) => data.item(i).label)).toEqual(labels);
    expect(data.classes).toEqual(name === 'names' ? ['a', 'b', 'c'] : ['0', '1', '2']);
  });

  it('distributions, and names in the order of a list', async () => {
    const soft = await openNumpy(file('NHWC'), { labels: file('soft') });
    expect(soft.item(0).label).toEqual(Float32Array.of(1 / 6, 1 / 6, 0.5 + 1 / 6));
    const named = await openNumpy(file('NHWC'), { labels: file('names'), classes: ['c', 'b', 'a'] });
    expect(named.item(0).label).toBe(0);
  });

  it.each(['stored', 'packed'])('an .npz, %s', async (name) => {
    const path = file(name, 'npz');
    const data = await openNumpy(path, { images: 'x_train', labels: 'y_train', cache });
    expect((await pixelsOf(data)).equals(pixels)).toBe(true);
    expect(data.item(0).label).toBe(2);
    const image = data.item(0).image;
    expect(image.kind === 'raw' && image.path === path).toBe(name === 'stored');
    if (image.kind !== 'raw') throw new Error(image.kind);
    expect(data.versionOf?.(image.path)?.startsWith(path)).toBe(name === 'packed' ? true : undefined);
  });
});

describe('is refused in one sentence', () => {
  const at = (bytes: Uint8Array) => {
    const path = join(folder, 'odd.npy');
    writeFileSync(path, bytes);
    return path;
  };
  const two = Buffer.alloc(2 * 12);
  const wrong: [string, () => string, RegExp][] = [
    ['the order of Fortran', () => file('fortran'), /has the order of Fortran; save numpy.ascontiguousarray/],
    ['floats', () => file('float32'), /kind '<f4', not uint8; save the images with .astype/],
    ['Python objects', () => file('object'), /Python objects, which are never read/],
    ['planes without their layout', () => file('NCHW'), /give layout: 'NCHW'/],
    ['labels', () => file('uint8'), /its shape is \(6\), but images are/],
    ['another file', () => at(Buffer.from('no numpy file, but text')), /it is no NumPy file/],
    ['an empty file', () => at(Buffer.alloc(0)), /it is no NumPy file/],
    ['no file', () => join(folder, 'none.npy'), /there is no file/],
    ['a folder', () => folder, /is a folder/],
    [
      'a version to come',
      () => at(Buffer.concat([Buffer.from('\x93NUMPY\x04\x00', 'latin1'), Buffer.alloc(90)])),
      /version 4.0/,
    ],
    ['a cut array', () => at(npy('|u1', [3, 2, 2, 3], two)), /of 36 bytes does not fit the 24 behind/],
    ['more than the array', () => at(npy('|u1', [1, 2, 2, 3], two)), /of 12 bytes does not fit the 24/],
    ['no image', () => at(npy('|u1', [0, 2, 2, 3], Buffer.alloc(0))), /its shape is \(0, 2, 2, 3\)/],
    ['huge sides', () => at(npy('|u1', [99999999999999, 99999999999999, 9, 3], two)), /does not fit/],
    ['five channels', () => at(npy('|u1', [1, 1, 5, 5], Buffer.alloc(25))), /with 1 to 4 channels/],
    [
      'fields',
      () => at(npy('', [], two, "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (24,), }")),
      /have fields/,
    ],
    [
      'code',
      () => at(npy('', [], two, "{'descr': __import__('os'), 'fortran_order': False, 'shape': (24,), }")),
      /header is damaged/,
    ],
    [
      'a field twice',
      () => at(npy('', [], two, "{'descr': '|u1', 'descr': '|u1', 'shape': (24,), }")),
      /header is damaged/,
    ],
    ['spaces without end', () => at(npy('', [], two, `{${' '.repeat(60_000)}'descr'`)), /header is damaged/],
  ];
  it.each(wrong)('%s', async (_, make, message) => {
    await expect(openNumpy(make(), { labels: false })).rejects.toThrow(message);
    await expect(openNumpy(make(), { labels: false })).rejects.toThrow(/^numpy: .+; \S/);
  });

  it('labels that do not belong to the images', async () => {
    const images = file('NHWC');
    await expect(openNumpy(images, { labels: images })).rejects.toThrow(
      /but there are 6 images; give one label/,
    );
    const odd = at(npy('<f4', [6], Buffer.from(Float32Array.of(0, 1, 2, 0.5, 1, Number.NaN).buffer)));
    const data = await openNumpy(images, { labels: odd });
    expect([data.length, data.problems.map(({ where }) => where)]).toEqual([4, ['NHWC.npy/3', 'NHWC.npy/5']]);
    await expect(openNumpy(images, {} as never)).rejects.toThrow(/labels/);
  });

  it('an .npz without names, with others, and another file as an .npz', async () => {
    const path = file('stored', 'npz');
    await expect(openNumpy(path, { labels: false })).rejects.toThrow(/expected images, the name of an array/);
    await expect(openNumpy(path, { images: 'x', labels: false })).rejects.toThrow(
      /expected an array 'x' in .*, which holds 'x_train', 'y_train'; name one of them/,
    );
    await expect(openNumpy(file('NHWC'), { images: 'x', labels: false })).rejects.toThrow(
      /but .* is none; leave it out/,
    );
    const other = join(folder, 'other.npz');
    writeFileSync(other, 'not a zip');
    await expect(openNumpy(other, { images: 'x', labels: false })).rejects.toThrow(
      /no .npz, or it is cut short/,
    );
    await expect(
      openNumpy(file('packed', 'npz'), { images: 'x_train', labels: false, cache: false }),
    ).rejects.toThrow(/must be unpacked to the cache, but cache is false/);
  });
});

it('any array comes back, gray, RGB and with alpha', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
      ),
      fc.constantFrom(1, 3),
      fc.integer({ min: 0, max: 255 }),
      async ([n, h, w], c, seed) => {
        const data = Uint8Array.from({ length: n * h * w * c }, (_, i) => (i * 31 + seed) % 256);
        const path = join(folder, 'any.npy');
        writeFileSync(path, npy('|u1', [n, h, w, c], data));
        const opened = await openNumpy(path, { labels: false });
        const rgb =
          c === 3
            ? data
            : Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)] as number);
        expect((await pixelsOf(opened)).equals(rgb)).toBe(true);
      },
    ),
    { numRuns: 60, seed: 8 },
  );
});

describe('damaged', { timeout: 120_000 }, () => {
  it.each([
    ['NHWC', 'npy', 128],
    ['int64', 'npy', 128],
    ['stored', 'npz', 1e9],
    ['packed', 'npz', 1e9],
  ] as const)('%s.%s: of 300 mutants none crashes', async (name, kind, within) => {
    const [images, target] = [file('NHWC'), join(folder, `mutant.${kind}`)];
    const seen = { refused: 0, partly: 0, whole: 0 };
    for (const mutant of mutants(readFileSync(file(name, kind)), 300, 2, within)) {
      writeFileSync(target, mutant);
      const open = () =>
        kind === 'npz'
          ? openNumpy(target, { images: 'x_train', labels: 'y_train', cache })
          : name === 'NHWC'
            ? openNumpy(target, { labels: false })
            : openNumpy(images, { labels: target });
      seen[await readOrRefuse(open)]++;
    }
    expect(seen.refused).toBeGreaterThan(30);
    expect(readdirSync(folder).filter((one) => one.endsWith('.tmp'))).toEqual([]);
  });
});
