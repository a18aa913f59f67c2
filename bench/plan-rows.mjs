/**
 * Plans a data set that does not exist, of as many images as you like: what planning costs in time and memory, and how
 * large a plan is. `node bench/plan-rows.mjs [images] [copies]`, default 1,000,000 and 1. Rows are made, hashed and counted,
 * and not written. One line of JSON to stdout.
 */
import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { rotate } from '../dist/index.js';
import { prepared } from '../dist/prepare/definition.js';
import { Thumbnails } from '../dist/prepare/near/thumbnails.js';
import { FactColumns } from '../dist/prepare/plan/columns.js';
import { planAll } from '../dist/prepare/plan/planning.js';
import { versions } from '../dist/prepare/versions.js';

const images = Number(process.argv[2] ?? 1_000_000);
const copies = Number(process.argv[3] ?? 1);
const CLASSES = Array.from({ length: 1000 }, (_, c) => `class-${c}`);
/** Of 100 images one has the bytes of the one before it. */
const TWINS = 100;

/** Items as a reader of shards gives them: a range of a file, made when asked for. */
const source = {
  name: 'synthetic',
  length: images,
  classes: CLASSES,
  problems: [],
  item: (i) => ({
    id: `train-${String(Math.floor(i / 10_000)).padStart(6, '0')}/${String(i).padStart(12, '0')}.jpg`,
    image: {
      kind: 'range',
      path: `/data/source/train-${String(Math.floor(i / 10_000)).padStart(6, '0')}.tar`,
      offset: (i % 10_000) * 110_592 + 512,
      length: 110_000,
    },
    label: i % CLASSES.length,
  }),
};

/** Of a processor, so that a busy machine changes little. */
const seconds = {};
let last = process.cpuUsage();
const phase = (name) => {
  const { user, system } = process.cpuUsage(last);
  seconds[name] = Math.round((user + system) / 1e4) / 100;
  last = process.cpuUsage();
};
let peak = 0;
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20);

const columns = new FactColumns(images);
for (let i = 0; i < images; i++) {
  const content = i % TWINS === 1 ? i - 1 : i;
  const sha256 = createHash('sha256').update(String(content)).digest('hex');
  columns.push({ index: i, sha256, bytes: 110_000, width: 500, height: 375, format: 'jpeg', plain: true });
}
phase('facts');

const stored = { files: 0, bytes: 0, plan: 0 };
const store = {
  name: 'nowhere',
  async replace(path, bytes) {
    peak = Math.max(peak, process.memoryUsage.rss());
    stored.files++;
    stored.bytes += bytes.length;
    if (path.endsWith('plan.json')) stored.plan = bytes.length;
  },
};
let part = '';
const plan = await planAll({
  name: 'synthetic',
  source,
  kept: { columns, looks: new Thumbnails(), leftOut: [] },
  scanned: '0'.repeat(64),
  prepared: prepared({
    source,
    split: { train: 0.9, val: 0.1 },
    ...(copies > 1 && { copies, augment: [rotate(20)] }),
    shardSize: 10_000,
  }),
  schema: { name: 'synthetic', classes: CLASSES, masks: [], keypoints: false, labels: true },
  seed: 0,
  versions: await versions(),
  store,
  near: undefined,
  progress(line) {
    if (part === '') phase('ids, groups and splits');
    part = line;
  },
  notice: (sentence) => process.stderr.write(`${sentence}\n`),
  signal: new AbortController().signal,
});
phase('rows');
clearInterval(watch);
const rows = Object.values(plan.splits).reduce((sum, { samples }) => sum + samples, 0);
console.log(
  JSON.stringify({
    images,
    rows,
    shards: plan.shards.length,
    seconds,
    rowsPerSecond: Math.round(rows / seconds.rows),
    peakBytes: Math.max(peak, process.memoryUsage.rss()),
    bytesPerImage: Math.round(Math.max(peak, process.memoryUsage.rss()) / images),
    rowBytes: Math.round((stored.bytes - stored.plan) / rows),
    planBytes: stored.plan,
    groups: plan.near.groups,
    node: process.version,
    processor: cpus()[0]?.model,
  }),
);
