/** Annotation files with bytes changed at random: none crashes a reader, and whatever is left out has a reason. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { masksOf, RxaugError } from '../../src/core/index.js';
import {
  Decoder,
  type OpenedDataset,
  openCoco,
  openManifest,
  openPascalVoc,
  openYolo,
} from '../../src/io/index.js';
import { scratchFolder } from '../io/make.js';
import { all, png, write } from './make.js';

const folder = scratchFolder();
beforeAll(async () => {
  const image = await png(20, 10);
  write(join(folder, 'voc/Annotations'), { 'b.xml': xml });
  const names = ['a', 'b'].map((name) => `${name}.png`);
  for (const place of ['coco', 'voc/JPEGImages', 'yolo/images', 'table'])
    write(join(folder, place), Object.fromEntries(names.map((name) => [name, image])));
});

const coco = {
  images: [
    { id: 1, file_name: 'a.png', width: 20, height: 10, label: 0 },
    { id: 2, file_name: 'b.png', width: 20, height: 10, label: 1 },
  ],
  annotations: [
    {
      id: 1,
      image_id: 1,
      category_id: 3,
      bbox: [1, 2, 3, 4],
      area: 12,
      iscrowd: 0,
      segmentation: [[1, 2, 4, 2, 4, 6]],
    },
    {
      id: 2,
      image_id: 2,
      category_id: 9,
      bbox: [0.5, 2, 3, 4],
      iscrowd: 1,
      segmentation: { size: [10, 20], counts: [5, 10, 185] },
    },
    {
      id: 3,
      image_id: 2,
      category_id: 3,
      bbox: [0, 0, 3, 4],
      segmentation: { size: [10, 20], counts: '5:i5' },
      keypoints: [1, 2, 2, 0, 0, 0],
    },
  ],
  categories: [
    { id: 3, name: 'person', keypoints: ['left', 'right'] },
    { id: 9, name: 'ball' },
  ],
  classes: ['x', 'y'],
};
const object =
  '<object><name>dog</name><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>9</xmax><ymax>8</ymax></bndbox></object>';
const xml = `<?xml version="1.0"?><annotation><filename>a.png</filename><size><width>20</width><height>10</height></size>${object}${object.replace('dog', 'c&amp;t')}</annotation>`;
const row = {
  image: 'a.png',
  label: 'x',
  boxes: [{ box: [1, 2, 3, 4], label: 'dog' }],
  boxFormat: 'voc',
  keypoints: [{ x: 1, y: 2 }],
  mask: 'm.png',
};
const quoted = (value: unknown) => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
const csv = `image,label,split,boxes,keypoints\na.png,x,train,${quoted(row.boxes)},${quoted(row.keypoints)}\r\n"b.png",y,train,,\n`;
const yaml =
  'train: images\nnc: 2\nnames:\n  0: cat\n  1: "dog"\nkpt_shape: [2, 3] # points\nflip_idx: [1, 0]\n';
const labels = '0 0.5 0.5 0.25 0.5 0.1 0.1 2 0.2 0.2 1\n1 0.25 0.25 0.5 0.5\n';

/** What a hand or a broken tool might put into a file. */
const TOKENS =
  '{ } [ ] " \' , : \\ < > </ & ; # \n \r \0 - . 0 1 -1 1e999 NaN null true 99999999999999999999 ../ % é \ud83d <!DOCTYPE <![CDATA[ &#x0; [[ |'.split(
    ' ',
  );

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function mutated(text: string, next: (below: number) => number): Buffer {
  let bytes = Buffer.from(text);
  for (let n = 1 + next(4); n > 0; n--) {
    const at = next(bytes.length + 1);
    const to = Math.min(bytes.length, at + next(next(4) === 0 ? 60 : 4));
    const token = Buffer.from(TOKENS[next(TOKENS.length)] as string);
    const pieces: Buffer[][] = [
      [bytes.subarray(0, at), Buffer.of(next(256)), bytes.subarray(at + 1)],
      [bytes.subarray(0, at), bytes.subarray(to)],
      [bytes.subarray(0, to), bytes.subarray(at)],
      [bytes.subarray(0, at), token, bytes.subarray(at)],
      [bytes.subarray(0, at), token, bytes.subarray(to)],
      [bytes.subarray(0, next(8) === 0 ? at : bytes.length)],
    ];
    bytes = Buffer.concat(pieces[next(pieces.length)] as Buffer[]);
  }
  return bytes;
}

/** What a reader made of a file: opened, or refused in a sentence. */
async function outcome(open: () => Promise<OpenedDataset>): Promise<'opened' | 'refused'> {
  let data: OpenedDataset;
  try {
    data = await open();
  } catch (error) {
    expect(error).toBeInstanceOf(RxaugError);
    expect((error as Error).message).toMatch(/\S+: \S.{5}/);
    return 'refused';
  }
  for (const { where, reason } of data.problems) {
    expect(where).not.toBe('');
    expect(reason.length).toBeGreaterThan(10);
  }
  using decoder = new Decoder();
  for (const { id, label, targets = {} } of all(data)) {
    expect(label).toBeLessThan(data.classes.length);
    for (const box of targets.boxes?.items ?? []) {
      expect(box.box.every(Number.isFinite)).toBe(true);
      expect(box.label).toBeLessThan(data.boxClasses?.length ?? 0);
    }
    for (const { x, y } of targets.keypoints?.items ?? []) expect(Number.isFinite(x + y)).toBe(true);
    for (const { name, image } of masksOf(targets))
      if (image.kind === 'range') expect(decoder.ids(image, `${id} ${name}`).width).toBe(20);
  }
  return 'opened';
}

const cache = join(folder, 'cache');
const voc = { targets: { boxes: { format: 'voc' } } } as const;
const at = (name: string) => join(folder, name);

test.each([
  [
    'COCO',
    JSON.stringify(coco),
    'coco.json',
    (file: string) => openCoco(at('coco'), file, { masks: ['classes', 'instances'], cache }),
  ],
  [
    'COCO, set out in lines',
    JSON.stringify(coco, null, 1),
    'coco2.json',
    (file: string) => openCoco(at('coco'), file),
  ],
  ['Pascal VOC', xml, 'voc/Annotations/a.xml', () => openPascalVoc(at('voc'))],
  ['YOLO', labels, 'yolo/labels/a.txt', () => openYolo(at('yolo'), { masks: 'classes', cache })],
  ['data.yaml', yaml, 'yolo/data.yaml', (file: string) => openYolo(file, { split: 'train' })],
  ['CSV', csv, 'table/t.csv', (file: string) => openManifest(file, voc)],
  [
    'JSON lines',
    `${JSON.stringify(row)}\n${JSON.stringify(row)}\n`,
    'table/t.jsonl',
    (file: string) => openManifest(file),
  ],
])(
  '%s: 300 mutations',
  async (_, text, name, open) => {
    const file = at(name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    expect(await outcome(() => open(file))).toBe('opened');
    const next = random(17);
    const counted = { opened: 0, refused: 0 };
    for (let n = 0; n < 300; n++) {
      writeFileSync(file, mutated(text, next));
      counted[await outcome(() => open(file))]++;
    }
    writeFileSync(file, text);
    expect(counted.opened).toBeGreaterThan(30);
    expect(counted.opened + counted.refused).toBe(300);
  },
  60_000,
);
