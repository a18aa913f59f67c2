#!/usr/bin/env node
/**
 * Near-duplicates: how many planted copies of photos are found, and what a search among many images costs.
 *
 *   node bench/near.mjs --photos DIR          recall and precision on planted copies of the photos of a folder
 *   node bench/near.mjs --count 1000000       time and memory of a search among thumbnails made from noise
 *   node bench/near.mjs --index 1000000       time of a query and memory of an index of random hashes alone
 *   node bench/near.mjs --source SOURCE       time, and what is found, in a data set of yours
 *
 * JSON on stdout, progress on stderr. Exit code 1 when planted copies are found with a recall below 0.95 or a precision below 0.99.
 */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { Draws, fold, keyOf } from '../dist/core/index.js';
import { dedupe, nearDuplicates, openSource, scanImages } from '../dist/prepare/index.js';
import { BandIndex } from '../dist/prepare/near/band-index.js';
import { optionsOf, wholeNumber } from './lib/options.mjs';

const values = optionsOf(
  'node bench/near.mjs --photos DIR | --count N | --index N | --source SOURCE',
  { photos: {}, count: { read: wholeNumber }, index: { read: wholeNumber }, source: {} },
  (given) => {
    if (Object.keys(given).length === 0)
      throw new Error('expected --photos, --count, --index or --source; give one of them');
  },
);

/** Copies of one photo, as files; `draws` places the crop. */
const COPIES = {
  resized: (open, { width, height }) =>
    open()
      .resize(Math.round(width / 2), Math.round(height / 2))
      .jpeg({ quality: 85 }),
  'quality 30': (open) => open().jpeg({ quality: 30 }),
  'cropped by 5 %': (open, { width, height }, draws) => {
    const [w, h] = [Math.round(0.95 * width), Math.round(0.95 * height)];
    const left = draws.int(width - w + 1);
    return open()
      .extract({ left, top: draws.int(height - h + 1), width: w, height: h })
      .jpeg({ quality: 90 });
  },
  'brighter by 30 %': (open) => open().linear(1.3, 0).jpeg({ quality: 90 }),
  mirrored: (open) => open().flop().jpeg({ quality: 90 }),
};

/** A data set in memory: all photos and their copies. */
async function planted(dir) {
  const photos = await openSource(dir, { labels: false });
  const items = [];
  for (let i = 0; i < photos.length; i++) {
    const { id, image } = photos.item(i);
    const bytes = await readFile(image.path);
    items.push({ id, of: i, how: 'original', bytes });
    const upright = await sharp(bytes).rotate().toColorspace('srgb').png({ compressionLevel: 0 }).toBuffer();
    const size = await sharp(upright).metadata();
    const draws = new Draws(fold(keyOf(0), i));
    for (const [how, copy] of Object.entries(COPIES))
      items.push({
        id: `${id} ${how}`,
        of: i,
        how,
        bytes: await copy(() => sharp(upright), size, draws).toBuffer(),
      });
  }
  const item = (i) => ({ id: items[i].id, image: { kind: 'bytes', bytes: items[i].bytes }, label: 0 });
  return { items, data: { name: dir, classes: ['unlabeled'], length: items.length, item } };
}

const seconds = (from) => {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
};
const round = (n, digits = 4) => Number(n.toFixed(digits));

async function onPhotos(dir) {
  const { items, data } = await planted(dir);
  let start = process.cpuUsage();
  const rows = await scanImages(data);
  const scan = seconds(start);
  start = process.cpuUsage();
  const { group, pairs, work } = await nearDuplicates(rows);
  const search = seconds(start);
  const of = Array.from(rows.item, (i) => items[i].of);
  const how = Array.from(rows.item, (i) => items[i].how);
  let [right, wrong, missed] = [0, 0, 0];
  for (let a = 0; a < of.length; a++)
    for (let b = a + 1; b < of.length; b++) {
      if (of[a] !== of[b]) wrong += group[a] === group[b];
      else if (group[a] === group[b]) right++;
      else missed++;
    }
  const first = new Map(of.map((photo, i) => [photo, i]).reverse());
  const byKind = {};
  for (const kind of Object.keys(COPIES)) {
    const own = how.flatMap((name, i) => (name === kind ? [i] : []));
    byKind[kind] = round(own.filter((i) => group[i] === group[first.get(of[i])]).length / own.length);
  }
  return {
    images: of.length,
    unreadable: rows.unreadable.length,
    recall: round(right / (right + missed)),
    precision: round(right / (right + wrong)),
    foundWithOriginal: byKind,
    pairs: pairs.length,
    least: round(pairs.likeness.at(-1) ?? 1),
    scanMsAnImage: round((1000 * scan) / of.length, 2),
    searchMsAnImage: round((1000 * search) / of.length, 2),
    work,
  };
}

/** Thumbnails whose waves are weaker the finer they are, as those of photos. */
function noise(count) {
  const all = new Uint8Array(1024 * count);
  const [waves, cosines] = [10, new Float32Array(10 * 32)];
  for (let u = 0; u < waves; u++)
    for (let x = 0; x < 32; x++) cosines[32 * u + x] = Math.cos((Math.PI * u * (2 * x + 1)) / 64);
  const [block, half] = [new Float32Array(waves * waves), new Float32Array(waves * 32)];
  for (let i = 0; i < count; i++) {
    const draws = new Draws(fold(keyOf(1), i));
    for (let u = 0; u < waves; u++)
      for (let v = 0; v < waves; v++)
        block[u * waves + v] = u + v === 0 ? 0 : (200 * (draws.uniform() - 0.5)) / Math.hypot(u, v);
    for (let u = 0; u < waves; u++)
      for (let x = 0; x < 32; x++) {
        let sum = 0;
        for (let v = 0; v < waves; v++) sum += block[u * waves + v] * cosines[32 * v + x];
        half[32 * u + x] = sum;
      }
    for (let y = 0; y < 32; y++)
      for (let x = 0; x < 32; x++) {
        let sum = 128;
        for (let u = 0; u < waves; u++) sum += half[32 * u + x] * cosines[32 * u + y];
        all[1024 * i + 32 * y + x] = Math.max(0, Math.min(255, sum));
      }
  }
  return all;
}

async function onNoise(count) {
  const all = noise(count);
  // One in a hundred is a copy of the one before it, a little darker.
  for (let i = 100; i < count; i += 100)
    for (let p = 0; p < 1024; p++) all[1024 * i + p] = 0.9 * all[1024 * (i - 1) + p];
  const rows = {
    length: count,
    key: (i) => i.toString(36).padStart(8, '0'),
    thumbnail: (i) => all.subarray(1024 * i, 1024 * (i + 1)),
  };
  const [start, began] = [process.cpuUsage(), performance.now()];
  const step = 2 ** Math.floor(Math.log2(count / 10));
  const progress = (done) => {
    if (done % step < 256)
      process.stderr.write(`${done} of ${count} searched, ${round(seconds(start), 1)} s of processor time\n`);
  };
  const { count: groups, pairs, work, crowded, featureless } = await nearDuplicates(rows, {}, { progress });
  const cpu = seconds(start);
  return {
    images: count,
    planted: Math.ceil(count / 100) - 1,
    groups,
    pairs: pairs.length,
    crowded: crowded.length,
    featureless: featureless.length,
    cpuSeconds: round(cpu, 1),
    wallSeconds: round((performance.now() - began) / 1000, 1),
    msAnImage: round((1000 * cpu) / count, 3),
    comparedAnImage: round(work.compared / count, 0),
    looksAnImage: round(work.looks / count, 3),
    mostMemoryMB: round(process.resourceUsage().maxRSS / 1024, 0),
    thumbnailsMB: round((1024 * count) / 2 ** 20, 0),
  };
}

/** Queries of one image, at its 22 variants: independent hashes are the mean case of real ones. */
const VARIANTS = 22;
const IMAGES = 500;

function onIndex(count) {
  const draws = new Draws(keyOf(2));
  const words = () => {
    const column = new Uint32Array(count);
    for (let i = 0; i < count; i++) column[i] = draws.u32();
    return column;
  };
  const [high, low] = [words(), words()];
  const before = process.memoryUsage().arrayBuffers;
  let start = process.cpuUsage();
  const index = new BandIndex(high, low, 8);
  const build = seconds(start);
  const bytes = process.memoryUsage().arrayBuffers - before;
  let found = 0;
  const query = () => index.query(draws.u32(), draws.u32(), () => found++);
  for (let q = 0; q < VARIANTS * 50; q++) query();
  const compared = index.compared;
  start = process.cpuUsage();
  for (let q = 0; q < VARIANTS * IMAGES; q++) query();
  return {
    hashes: count,
    buildSeconds: round(build, 1),
    bytesAHash: round(bytes / count, 1),
    queriesMsAnImage: round((1000 * seconds(start)) / IMAGES, 3),
    comparedAnImage: round((index.compared - compared) / IMAGES, 0),
    found,
  };
}

async function onSource(path) {
  const data = await openSource(path, { labels: false });
  let start = process.cpuUsage();
  const scanned = await scanImages(data);
  const scan = seconds(start);
  start = process.cpuUsage();
  const found = await dedupe([{ name: path, scanned, id: (row) => data.item(scanned.item[row]).id }]);
  const search = seconds(start);
  const sizes = found.groups.map(({ images }) => images.length);
  return {
    images: scanned.length,
    unreadable: scanned.unreadable.length,
    groups: sizes.length,
    redundant: sizes.reduce((sum, n) => sum + n - 1, 0),
    acrossSplits: found.groups.filter(({ leak }) => leak).length,
    largest: Math.max(0, ...sizes),
    featureless: found.featureless.length,
    crowded: found.crowded.length,
    scanMsAnImage: round((1000 * scan) / scanned.length, 2),
    searchMsAnImage: round((1000 * search) / scanned.length, 2),
  };
}

const results = {
  ...(values.photos && { photos: await onPhotos(values.photos) }),
  ...(values.count && { noise: await onNoise(values.count) }),
  ...(values.index && { index: onIndex(values.index) }),
  ...(values.source && { source: await onSource(values.source) }),
};
process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
if (results.photos && (results.photos.recall < 0.95 || results.photos.precision < 0.99)) process.exitCode = 1;
