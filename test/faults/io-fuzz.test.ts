/** Mutated images: whatever they hold, each is decoded or refused with a reason, soon, and nothing crashes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { Draws, fold, keyOf, tag } from '../../src/core/index.js';
import { picture, scratchFolder } from '../io/make.js';
import { bundled, linesOf } from './fuzz-process.js';
import { crc32 } from './png.js';

const PER_FORMAT = { jpeg: 2000, png: 600, webp: 600 };
/** Beyond this, a file counts as a hang. */
const PATIENCE = 60_000;

const folder = scratchFolder();
const child = bundled('fuzz-child');

async function bases(format: keyof typeof PER_FORMAT): Promise<Buffer[]> {
  const make = (channels: 1 | 3 | 4 = 3) => {
    const rgb = sharp(picture(61, 45), { raw: { width: 61, height: 45, channels: 3 } });
    return channels === 3 ? rgb : channels === 1 ? rgb.grayscale() : rgb.ensureAlpha(0.5);
  };
  const big = () => sharp(picture(190, 170), { raw: { width: 190, height: 170, channels: 3 } }).jpeg();
  const variants = {
    jpeg: [
      make().jpeg(),
      big(),
      make().jpeg({ progressive: true }),
      make(1).jpeg(),
      make().jpeg({ mozjpeg: true }),
      make().withMetadata({ orientation: 6 }).jpeg(),
      make().toColorspace('cmyk').jpeg(),
      make().withIccProfile('p3').jpeg(),
    ],
    png: [
      make().png(),
      make(4).png(),
      make(1).png(),
      make().png({ palette: true }),
      make().png({ progressive: true }),
      make().toColorspace('rgb16').png(),
    ],
    webp: [
      make().webp(),
      make(4).webp(),
      make().webp({ lossless: true }),
      make(4).webp({ lossless: true }),
      make().withMetadata({ orientation: 3 }).webp(),
      sharp(picture(40, 60), { raw: { width: 40, height: 60, channels: 3, pageHeight: 20 } }).webp(),
    ],
  };
  return Promise.all(variants[format].map((image) => image.toBuffer()));
}

/** Bit flips, random bytes, cuts, repeated or dropped pieces, false headers, or several of them. */
function mutate(source: Buffer, draws: Draws, format: string): Buffer {
  let bytes: Buffer = Buffer.from(source);
  // Half of the damage goes to the first bytes, where headers are.
  const place = () => draws.int(draws.chance(0.5) ? Math.min(bytes.length, 80) : bytes.length);
  const kinds = 1 + draws.int(3);
  for (let k = 0; k < kinds && bytes.length > 8; k++) {
    const kind = draws.int(8);
    if (kind === 0) for (let n = 1 + draws.int(8); n > 0; n--) bytes[place()]! ^= 1 << draws.int(8);
    else if (kind === 1) for (let n = 1 + draws.int(30); n > 0; n--) bytes[place()] = draws.int(256);
    else if (kind === 2) bytes = bytes.subarray(0, 1 + draws.int(bytes.length));
    else if (kind === 3) {
      const at = place();
      bytes.fill(draws.choice([0, 0xff, draws.int(256)]), at, Math.min(bytes.length, at + draws.int(40)));
    } else if (kind === 4) {
      const at = place();
      const piece = bytes.subarray(at, at + draws.int(200));
      bytes = Buffer.concat([bytes.subarray(0, at), piece, piece, bytes.subarray(at)]);
    } else if (kind === 5) {
      const at = place();
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + draws.int(60))]);
    } else if (kind === 6) bytes = falseHeader(bytes, draws, format);
    else bytes = Buffer.concat([bytes.subarray(0, 12), Buffer.from(source.subarray(draws.int(60)))]);
  }
  return bytes;
}

/** Sizes, depths and lengths that lie, with checksums that hold. */
function falseHeader(source: Buffer, draws: Draws, format: string): Buffer {
  const bytes = Buffer.from(source);
  const side = draws.choice([0, 1, 2, 46, 62, 1900, 16383, 65535, draws.int(65536)]);
  if (format === 'png' && bytes.length > 33) {
    bytes.writeUInt32BE(draws.chance(0.2) ? 0x7fffffff : side, draws.choice([16, 20]));
    if (draws.chance(0.4)) bytes[24 + draws.int(5)] = draws.choice([0, 1, 2, 3, 4, 6, 8, 16]);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  } else if (format === 'jpeg') {
    const frame =
      [0xc0, 0xc1, 0xc2].map((m) => bytes.indexOf(Buffer.from([0xff, m]))).find((at) => at > 0) ?? -1;
    if (frame > 0 && frame + 12 < bytes.length) {
      const what = draws.int(4);
      if (what === 0) bytes.writeUInt16BE(side, frame + 5);
      else if (what === 1) bytes.writeUInt16BE(side, frame + 7);
      else if (what === 2) bytes[frame + 11] = draws.int(256);
      else bytes[frame + 1] = 0xc0 + draws.int(16);
    }
  } else if (format === 'webp' && bytes.length > 34) {
    const what = draws.int(3);
    if (what === 0) bytes.writeUInt32LE(draws.u32(), 4);
    else if (what === 1) bytes.writeUInt32LE(draws.u32(), 16);
    else bytes.writeUInt16LE(side, draws.choice([21, 24, 26, 28]));
  }
  return bytes;
}

interface Line {
  name: string;
  ok: boolean;
  reason?: string;
  ms: number;
}

test('3,200 mutated JPEG, PNG and WebP files, whole and by parts: no crash, no hang, every refusal with its reason', async () => {
  const files: { name: string; base64: string }[] = [];
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    const sources = await bases(format);
    for (let i = 0; i < PER_FORMAT[format]; i++) {
      const draws = new Draws(fold(keyOf(20), tag(format), i));
      const bytes = mutate(sources[i % sources.length] as Buffer, draws, format);
      files.push({ name: `${format}-${i}`, base64: bytes.toString('base64') });
    }
  }
  const list = join(folder, 'files.json');
  writeFileSync(list, JSON.stringify(files));
  const lines = await linesOf<Line>([child, list], PATIENCE);

  expect(lines.map((line) => line.name)).toEqual(files.map((file) => file.name));
  expect(lines.filter((line) => !line.ok)).toEqual([]);
  expect(lines.filter((line) => line.ms > PATIENCE)).toEqual([]);
  const refusals = lines.filter((line) => line.reason !== undefined);
  for (const { name, reason } of refusals) {
    expect(reason).toMatch(/^(jpeg|png|webp)-\d+: [^\n]+; [^\n]+$/);
    expect(reason?.startsWith(`${name}: `)).toBe(true);
  }
  // The mutations must reach all kinds of refusal, and leave some images whole.
  const reasons = refusals.map((line) => line.reason).join('\n');
  for (const kind of ['cut short', 'damaged', 'maxPixels', 'cannot be decoded', 'expected a JPEG']) {
    expect(reasons).toContain(kind);
  }
  expect(refusals.length).toBeGreaterThan(files.length / 3);
  expect(lines.length - refusals.length).toBeGreaterThan(files.length / 20);
});
