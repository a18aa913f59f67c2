/** Every option that a sentence about data tells to change: changed as told, the trouble is gone. */
import { spawnSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { from as rxFrom } from 'rxjs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { Decoder, type DecoderOptions, openItems, openWebdataset } from '../../src/io/index.js';
import { image, scratchFolder, tarOf } from './make.js';

const folder = scratchFolder();

type Ref = Parameters<Decoder['decode']>[0];

/** What is said of an image, or 'fine'. */
async function said(ref: Ref | Uint8Array, options: DecoderOptions, how: 'decode' | 'probe' = 'decode') {
  using decoder = new Decoder(options);
  const given: Ref = ref instanceof Uint8Array ? { kind: 'bytes', bytes: ref } : ref;
  try {
    await (how === 'decode' ? decoder.decode(given, undefined, 'x') : decoder.probe(given, 'x'));
  } catch (error) {
    return (error as Error).message;
  }
  return 'fine';
}

describe('row 18: advice that names an option of the decoder', () => {
  test.each(['jpeg', 'png', 'gif', 'webp', 'tiff', 'avif'] as const)(
    'raise maxPixels: helps for %s, decoded and probed',
    async (format) => {
      const bytes = await image(40, 30).toFormat(format).toBuffer();
      for (const how of ['decode', 'probe'] as const) {
        expect(await said(bytes, { maxPixels: 1199 }, how)).toMatch(/maxPixels allows .*; raise maxPixels/);
        expect(await said(bytes, { maxPixels: 1200 }, how)).toBe('fine');
      }
    },
  );

  test('raise maxPixels: helps beyond what a format or libvips allows by itself', async () => {
    const wide = await sharp({ create: { width: 1_000_001, height: 1, channels: 3, background: 'red' } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    expect(await said(wide, { maxPixels: 1e6 })).toMatch(/1000001×1 pixels are .*; raise maxPixels/);
    expect(await said(wide, { maxPixels: 2e6 })).toBe('fine');
    expect(await said(wide, { maxPixels: 2e6 }, 'probe')).toBe('fine');
  });

  test('raise maxBytes: helps for bytes, files and ranges; beyond what Node can read it is not said', async () => {
    const bytes = await image(200, 200).png().toBuffer();
    const path = join(folder, 'a.png');
    writeFileSync(path, bytes);
    const { length } = bytes;
    for (const ref of [
      { kind: 'bytes', bytes },
      { kind: 'file', path },
      { kind: 'range', path, offset: 0, length },
    ] as const) {
      expect(await said(ref, { maxBytes: length - 1 })).toMatch(/maxBytes allows .*; raise maxBytes/);
      expect(await said(ref, { maxBytes: length })).toBe('fine');
    }
    const vast = join(folder, 'vast.png');
    writeFileSync(vast, bytes);
    truncateSync(vast, 2 ** 31); // a hole: no disk is used
    const told = await said({ kind: 'file', path: vast }, {});
    expect(told).toMatch(/^x: its 2147483648 bytes are more than maxBytes allows/);
    expect(told).not.toContain('raise');
    expect(() => new Decoder({ maxBytes: 2 ** 31 })).toThrow(/maxBytes: expected a whole number in 1\.\./);
  });

  test('raise maxScannedPixels: helps', async () => {
    const bytes = await image(40, 30).jpeg({ progressive: true }).toBuffer();
    const told = await said(bytes, { maxScannedPixels: 1200 });
    expect(told).toMatch(/progressive scans of 40×30 pixels .* raise maxScannedPixels/);
    expect(await said(bytes, { maxScannedPixels: 100 * 1200 })).toBe('fine');
    expect(await said(await image(40, 30).jpeg().toBuffer(), { maxScannedPixels: 1200 })).toBe('fine'); // as a baseline JPEG
  });

  test('raise timeout: helps, and no value is taken that libvips or a timer would not hold', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const slow = await sharp({
      create: { width: 1500, height: 1500, channels: 3, background: 'gray', noise },
    })
      .png()
      .toBuffer();
    expect(await said(slow, { timeout: 0.001 })).toMatch(/takes more than 0\.001 s to decode; raise timeout/);
    expect(await said(slow, { timeout: 3600 })).toBe('fine');
    expect(() => new Decoder({ timeout: 3601 })).toThrow(/timeout: expected a number/);
  });

  test('lower maxOpenFiles: helps where the system allows few', async () => {
    const jpeg = await image(8, 8).jpeg().toBuffer();
    for (let i = 0; i < 200; i++) writeFileSync(join(folder, `open-${i}`), jpeg);
    const index = new URL('../../dist/io/index.js', import.meta.url).href;
    const script = `
      const { Decoder } = await import(${JSON.stringify(index)});
      const told = [8, 300].map((maxOpenFiles) => {
        const decoder = new Decoder({ maxOpenFiles });
        try {
          for (let i = 0; i < 200; i++) {
            const path = ${JSON.stringify(join(folder, 'open-'))} + i;
            decoder.decode({ kind: 'range', path, offset: 0, length: ${jpeg.length} }, undefined, 'x');
          }
          return 'fine';
        } catch (error) {
          return error.message;
        } finally {
          decoder.dispose();
        }
      });
      process.stdout.write(JSON.stringify(told));`;
    const node = [process.execPath, '--input-type=module', '-e', script];
    const { stdout, stderr } = spawnSync('sh', ['-c', 'ulimit -n 180; exec "$@"', 'sh', ...node]);
    expect(`${stderr}`).toBe('');
    expect(JSON.parse(`${stdout}`)).toEqual([
      'fine',
      'x: too many files are open; raise the limit (ulimit -n) or lower maxOpenFiles',
    ]);
  });
});

describe('row 18: advice that names an option of a reader', () => {
  const pixels = { data: new Uint8Array(12), width: 2, height: 2 };
  const item = (label: number | string = 0) => ({ image: pixels, label });
  async function count(source: Parameters<typeof openItems>[0], options: Parameters<typeof openItems>[1]) {
    const stream = openItems(source, options);
    let given = 0;
    for await (const _ of stream.items()) given++;
    return { given, reasons: stream.problems.map(({ reason }) => reason) };
  }

  test('maxBuffered: raised, or an iterable in its place', async () => {
    const items = Array.from({ length: 5 }, () => item());
    const options = { classes: 1, maxBuffered: 4 };
    await expect(count(rxFrom(items), options)).rejects.toThrow(/give an iterable, .* or raise maxBuffered$/);
    expect((await count(rxFrom(items), { classes: 1, maxBuffered: 5 })).given).toBe(5);
    expect((await count(items, options)).given).toBe(5);
  });

  test('classes: all of them given, or the class added', async () => {
    expect(await count([item(0), item(2)], { classes: 2 })).toEqual({
      given: 1,
      reasons: [expect.stringMatching(/its label 2 is not in 0\.\.1; .* give all classes$/)],
    });
    expect((await count([item(0), item(2)], { classes: 3 })).given).toBe(2);
    const named = [item('a'), item('b')];
    expect((await count(named, { classes: ['a'] })).reasons).toEqual([
      expect.stringMatching(/its label 'b' is none of the 1 classes; .* add the class$/),
    ]);
    expect((await count(named, { classes: ['a', 'b'] })).given).toBe(2);
  });

  test('labelField and classes of shards', async () => {
    const jpeg = await image(8, 8).jpeg().toBuffer();
    const field = join(folder, 'field.tar');
    writeFileSync(
      field,
      tarOf([
        { name: 'a.jpg', data: jpeg },
        { name: 'a.json', data: '{"kind": 3}' },
        { name: 'b.jpg', data: jpeg },
        { name: 'b.json', data: '{"label": 1}' },
      ]),
    );
    const open = (path: string, options: Parameters<typeof openWebdataset>[1]) =>
      openWebdataset(path, { cache: false, ...options });
    const [problem] = (await open(field, {})).problems;
    expect(problem?.reason).toMatch(/in 'label' or 'cls'; add it or set labelField$/);
    expect((await open(field, { labelField: 'kind' })).item(0).label).toBe(3);

    const mixed = join(folder, 'mixed.tar');
    writeFileSync(
      mixed,
      tarOf([
        { name: 'a.jpg', data: jpeg },
        { name: 'a.cls', data: '1' },
        { name: 'b.jpg', data: jpeg },
        { name: 'b.cls', data: 'dog' },
      ]),
    );
    await expect(open(mixed, {})).rejects.toThrow(/such as 'dog'; give classes, or a classes\.txt/);
    const given = await open(mixed, { classes: ['dog', 'cat'] });
    expect([given.item(0).label, given.item(1).label, given.problems]).toEqual([1, 0, []]);
  });
});
