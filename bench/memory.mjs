#!/usr/bin/env node
/**
 * Resident memory while a consumer is far slower than the stream: 50,000 images by default, spread over the
 * given minutes. The curve must be flat after the first minute.
 *
 *   node bench/memory.mjs --data DIR --minutes 4 [--images 50000] [--batch 128] [--workers N] [--every 5]
 *                         [--keep-undisposed]
 *
 * DIR holds `train-*.tar`. JSON on stdout, one line a measurement on stderr. Exit code 1 when memory grew.
 */
import { needsShards, number, optionsOf, wholeNumber } from './lib/options.mjs';

/** Growth in MB a minute, after the first minute, that counts as flat. */
const FLAT = 2;

const {
  data,
  minutes,
  images,
  batch: size,
  workers,
  every,
  'keep-undisposed': careless,
} = optionsOf(
  'node bench/memory.mjs --data DIR [--minutes 4] [--images 50000] [--batch 128] [--workers N] [--every 5] [--keep-undisposed]',
  {
    data: {},
    minutes: { default: '4', read: number },
    images: { default: '50000', read: wholeNumber },
    batch: { default: '128', read: wholeNumber },
    workers: { default: '1', read: number },
    every: { default: '5', read: number },
    /** Never disposes of a batch: what a careless consumer does. */
    'keep-undisposed': { type: 'boolean', default: false },
  },
  needsShards,
);
const { batch, cutout, horizontalFlip, normalize, padCrop, pull, STATISTICS, webdataset } = await import(
  new URL('../dist/index.js', import.meta.url).href
);

const stream = (epochs) =>
  webdataset(`${data}/train-*.tar`, { shuffle: true, epochs }).pipe(
    horizontalFlip(),
    padCrop(4),
    normalize(STATISTICS.cifar10),
    cutout(8),
    batch(size, { workers }),
  );

/** Images per second without a slow consumer. */
async function speed() {
  let from;
  let seen = 0;
  for await (const made of pull(stream(Number.POSITIVE_INFINITY))) {
    if (from === undefined)
      from = performance.now(); // workers have started
    else seen += made.size;
    made.dispose();
    if (seen >= 20_000) break;
  }
  return (1000 * seen) / (performance.now() - from);
}

const imagesPerSecond = await speed();
const pause = (1000 * 60 * minutes) / Math.ceil(images / size);
const start = performance.now();
const curve = [];
const buffers = new WeakSet();
let allocated = 0;
let seen = 0;
const measure = () => {
  const { rss, heapUsed, external } = process.memoryUsage();
  const point = {
    seconds: Math.round((performance.now() - start) / 1000),
    rssMB: Math.round(rss / 1e5) / 10,
    heapMB: Math.round(heapUsed / 1e5) / 10,
    externalMB: Math.round(external / 1e5) / 10,
    images: seen,
    buffers: allocated,
  };
  curve.push(point);
  process.stderr.write(`${JSON.stringify(point)}\n`);
};
measure();
const timer = setInterval(measure, 1000 * every);

let sum = 0;
for await (const made of pull(stream(Number.POSITIVE_INFINITY))) {
  if (!buffers.has(made.images.buffer)) {
    buffers.add(made.images.buffer);
    allocated++;
  }
  sum += made.images[0];
  seen += made.size;
  if (!careless) made.dispose();
  if (seen >= images) break;
  const due = start + pause * Math.round(seen / size);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
}
clearInterval(timer);
measure();

/** Least squares over what came after the first minute, or the first quarter of a shorter run. */
function growth() {
  const late = curve.filter(({ seconds }) => seconds >= Math.min(60, 15 * minutes));
  const mean = (f) => late.reduce((total, point) => total + f(point), 0) / late.length;
  const [x, y] = [mean((p) => p.seconds), mean((p) => p.rssMB)];
  const variance = mean((p) => (p.seconds - x) ** 2);
  return variance === 0 ? 0 : (60 * mean((p) => (p.seconds - x) * (p.rssMB - y))) / variance;
}

const growthMBPerMinute = Math.round(100 * growth()) / 100;
const late = curve.filter(({ seconds }) => seconds >= Math.min(60, 15 * minutes)).map(({ rssMB }) => rssMB);
console.log(
  JSON.stringify({
    images: seen,
    batch: size,
    workers,
    minutes: Math.round((performance.now() - start) / 600) / 100,
    streamImagesPerSecond: Math.round(imagesPerSecond),
    timesSlower: Math.round((imagesPerSecond * 60 * minutes) / images),
    disposed: !careless,
    buffersAllocated: allocated,
    growthMBPerMinute,
    lateRssMB: { least: Math.min(...late), most: Math.max(...late) },
    flat: growthMBPerMinute <= FLAT,
    checksum: Number.isFinite(sum),
    curve,
  }),
);
process.exit(growthMBPerMinute <= FLAT ? 0 : 1);
