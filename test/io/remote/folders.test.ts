/** YOLO and Pascal VOC by URL give what they give of the same files here; what cannot be read so is refused by name. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Mask } from '../../../src/core/index.js';
import { type OpenedDataset, openPascalVoc, openYolo } from '../../../src/io/index.js';
import { FarFolder } from '../../../src/io/remote/far-folder.js';
import { FetchedFiles } from '../../../src/io/remote/fetched-files.js';
import { openSource } from '../../../src/prepare/open-source.js';
import { sourceDigest } from '../../../src/prepare/source-digest.js';
import { png, told, write } from '../../annotations/make.js';
import { pngOf } from '../../targets/png.js';
import { bytesOf } from '../make.js';
import { type Moto, noS3, withMoto } from '../moto.js';
import { filesIn, Server } from './server.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-folders-'));
let server: Server;
let yolo: string;
let voc: string;
beforeAll(async () => {
  const image = await png(20, 10);
  yolo = write(join(root, 'yolo set'), {
    'data.yaml':
      'path: ../datasets/elsewhere\ntrain: train.txt\nval: [images/val]\nfar: ../images/val\nlost: lost.txt\nkpt_shape: [1, 2]\nnames: [cat, dog]\n',
    'train.txt': './images/a 1.png\nimages/b.png\nimages/gone.png\n../x.png\n',
    'images/a 1.png': image,
    'labels/a 1.txt': '1 0.5 0.5 0.25 0.5\n0 0.5 0.5 0.5 0.5 0.25 0.5\n',
    'images/b.png': image,
    'images/val/c.png': image,
    'images/val/.cache/d.png': image,
    'images/val/notes.md': 'x',
    'labels/val/c.txt': '0 0.5 0.5 1 1\n',
  });
  const xml = (filename: string, name: string) =>
    `<annotation><filename>${filename}</filename><size><width>20</width><height>10</height></size><object><name>${name}</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>`;
  const mask = pngOf('gray8', 20, 10, new Uint8Array(200).fill(1));
  voc = write(join(root, 'voc'), {
    'Annotations/a.xml': xml('a.png', 'dog'),
    // Its image has its own name; the one that it names is another's.
    'Annotations/b.xml': xml('a.png', 'cat'),
    'Annotations/c.xml': xml('other.png', 'cat'),
    'Annotations/d.xml': xml('../a.png', 'cat'),
    'Annotations/e.xml': 'no XML',
    'JPEGImages/a.png': image,
    'JPEGImages/b.png': image,
    'JPEGImages/other.png': image,
    'ImageSets/Main/train.txt': 'a\nb\nc\nd\ne\nf\n../g\n',
    'SegmentationClass/a.png': mask,
    'SegmentationObject/a.png': mask,
  });
});
beforeEach(async () => {
  server = await Server.start();
  return () => server.stop();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let caches = 0;
const download = () => ({ cache: join(root, `cache-${caches++}`) });

/** Everything of a data set but where its files are. */
const contents = (data: OpenedDataset) => ({
  classes: data.boxClasses,
  problems: data.problems,
  items: Array.from({ length: data.length }, (_, i) => {
    const { id, targets, image } = data.item(i);
    const masks = Object.entries(targets?.masks ?? {}).map(([name, mask]) => [
      name,
      bytesOf((mask as Mask).image),
    ]);
    return { id, boxes: targets?.boxes, keypoints: targets?.keypoints, masks, bytes: bytesOf(image) };
  }),
});

async function same(local: OpenedDataset, open: () => Promise<OpenedDataset>): Promise<void> {
  const far = await open();
  expect(contents(far)).toEqual(contents(local));
  expect(sourceDigest(await open())).toBe(sourceDigest(far));
}

describe('YOLO on a web server', () => {
  it('is read by the list of a split, by the folder and by data.yaml', async () => {
    const url = server.serve(yolo, '/sets/yolo%20set');
    const local = await openYolo(yolo, { split: 'train' });
    expect(local.length).toBe(2);
    expect(told(local)).toContain('images/gone.png: there is no such file; restore it: see train.txt');
    expect(told(local)).toContain('images have no label file');
    for (const place of [url, `${url}/`, `${url}/data.yaml?key=secret`])
      await same(local, () => openYolo(place, { split: 'train', download: download(), name: 'yolo set' }));
  });

  it('draws masks of polygons', async () => {
    const files = {
      'data.yaml': 'train: train.txt\nnames: [cat]\n',
      'train.txt': 'a.png\n',
      'a.png': await png(20, 10),
      'a.txt': '0 0 0 0.5 0 0.5 0.5\n',
    };
    const dir = write(join(root, 'polygons'), files);
    const url = server.serve(dir, '/polygons');
    const more = { split: 'train', masks: 'classes', cache: join(root, 'drawn') } as const;
    await same(await openYolo(dir, more), () => openYolo(url, { ...more, download: download() }));
  });

  it('an image that cannot be fetched stays and is refused where it is read, one without its labels is left out', async () => {
    const url = server.serve(yolo, '/yolo');
    server.refuse(/images\/b|labels\/a/);
    const data = await openYolo(url, { split: 'train', keypoints: false, download: download() });
    expect(data.length).toBe(1);
    expect(data.item(0).image).toEqual({ kind: 'file', path: `${url}/images/b.png` });
    expect(told(data)).toContain(
      `images/a 1.png: its label file could not be fetched: ${url}/labels/a%201.txt: access is refused (403); check the URL, and its signature if it has one; if there is none and the server answers so for what is missing, as S3 does without s3:ListBucket, give the image an empty label file, or have the server answer 404`,
    );
    expect(told(data)).toContain('2 files could not be fetched');
  });

  it('says nothing of missing labels where the server fails otherwise', async () => {
    const url = server.serve(yolo, '/yolo');
    server.hook = (request, response) =>
      /labels\/a/.test(`${request.url}`) &&
      Boolean(response.writeHead(200, { 'content-encoding': 'br' }).end('x'));
    const data = await openYolo(url, { split: 'train', keypoints: false, download: download() });
    expect(told(data)).toMatch(
      /images\/a 1\.png: its label file could not be fetched: http.*another encoding/,
    );
    expect(told(data)).not.toContain('empty label file');
  });

  it('is refused where images are those of a folder, without the query', async () => {
    const url = server.serve(yolo, '/yolo');
    const why = (split?: string, place = url) =>
      openYolo(`${place}?key=secret`, { split, download: download() }).then(
        () => undefined,
        (error: Error) => error.message,
      );
    const fix =
      'give a split that data.yaml names as a list (train: train.txt), or take s3:// or a folder on this machine';
    const told = `yolo: ${url}: web servers list no folders, and`;
    expect(await why()).toBe(`${told} without a split all of its images are read; ${fix}`);
    expect(await why('val')).toBe(`${told} 'val' of data.yaml is the folder 'images/val'; ${fix}`);
    expect(await why('test')).toBe(`${told} data.yaml names no list of images for 'test'; ${fix}`);
    expect(await why('lost')).toBe(
      `yolo: lost: there is no 'lost.txt' in ${url}; correct data.yaml, or give the folder that holds it`,
    );
    expect(await why('train', `${url}/none/data.yaml`)).toBe(
      `yolo: there is no file ${url}/none/data.yaml; check the URL`,
    );
    await expect(openSource(`${url}/data.yaml`)).rejects.toThrow(told);
  });
});

it('a file that a folder is known to hold is not passed over where the server refuses it', async () => {
  const url = server.serve(yolo, '/yolo');
  server.refuse(/data\.yaml/);
  const how = download();
  const open = (names?: string[]) =>
    new FarFolder('yolo', url, new FetchedFiles('yolo', how), how, names && new Set(names));
  const asked = ['data.yml', 'data.yaml', 'train.txt'];
  await expect(open(['data.yaml', 'train.txt']).first(asked)).rejects.toThrow(
    new RegExp(`${url}/data\\.yaml.*403`),
  );
  // A web server may refuse what it does not have.
  const web = open();
  expect(await web.first(asked)).toBe('train.txt');
  expect(web.problems('yolo')).toEqual([
    {
      where: `${url}/data.yaml`,
      reason: expect.stringMatching(/^counts as missing, since some servers answer so .*403/),
      passed: 0,
    },
  ]);
  expect(await open(['images/b.png']).first(asked)).toBeUndefined();
});

describe('Pascal VOC on a web server', () => {
  it('is read by a list of ImageSets/Main, with its masks', async () => {
    const url = server.serve(voc, '/voc');
    const more = { split: 'train', masks: true } as const;
    const local = await openPascalVoc(voc, more);
    expect(Array.from({ length: local.length }, (_, i) => local.item(i).id)).toEqual([
      'a.png',
      'b.png',
      'other.png',
    ]);
    const plain = (data: OpenedDataset) => {
      const { problems, ...rest } = contents(data);
      const shown = JSON.stringify(problems).replaceAll(voc, 'VOC').replaceAll(url, 'VOC');
      return { ...rest, problems: shown };
    };
    const far = await openPascalVoc(`${url}/?key=secret`, { ...more, download: download() });
    expect(plain(far)).toEqual(plain(local));
    expect(told(far)).toContain('../g: it is in the list train, but there is no ../g.xml; restore it');
    expect(told(far)).not.toContain('secret');
  });

  it('an image that cannot be fetched stays, one that is not there is left out', async () => {
    const url = server.serve(voc, '/voc');
    server.files.delete('/voc/JPEGImages/other.png');
    server.refuse(/JPEGImages\/b/);
    const data = await openPascalVoc(url, { split: 'train', download: download() });
    expect(data.length).toBe(2);
    expect(data.item(1).image).toEqual({ kind: 'file', path: `${url}/JPEGImages/b.png` });
    expect(told(data)).toContain('Annotations/c.xml: there is no image c or other.png for it');
    expect(told(data)).toContain('1 file could not be fetched');
  });

  it('is refused without a split, and where there are no masks', async () => {
    const url = server.serve(voc, '/voc');
    await expect(openPascalVoc(url)).rejects.toThrow(
      `pascalVoc: ${url}: web servers list no folders; give a split that is a list of ImageSets/Main (split: 'train'), or take s3:// or a folder on this machine`,
    );
    const open = (more: object) => openPascalVoc(url, { split: 'train', download: download(), ...more });
    await expect(open({ split: 'val' })).rejects.toThrow(
      `pascalVoc: split: there is no file ${url}/ImageSets/Main/val.txt; check the name of the split`,
    );
    await expect(open({ images: '../x' })).rejects.toThrow('pascalVoc: images: ');
    server.files.delete('/voc/SegmentationClass/a.png');
    await expect(open({ masks: true })).rejects.toThrow(
      `pascalVoc: masks: there is none in ${url}/SegmentationClass; check the URL, or leave masks out`,
    );
  });
});

describe.skipIf(noS3 !== '')(`in S3${noS3 && ` (skipped: ${noS3})`}`, () => {
  let moto: Moto;
  withMoto((started) => {
    moto = started;
  });
  let buckets = 0;
  /** All files of a folder, in a bucket of their own. */
  const put = (dir: string) => moto.bucketOf(`folders-${buckets++}`, dir, filesIn(dir));

  it('YOLO is read as it is here, folders too', async () => {
    const url = await put(yolo);
    for (const split of ['train', 'val', 'far', undefined]) {
      const name = 'yolo set';
      const local = await openYolo(yolo, { split, name });
      await same(local, () => openYolo(url, { split, name, download: download() }));
    }
    const file = url.replace('/one?', '/one/data.yaml?');
    await same(await openYolo(yolo, { split: 'val', name: 'x' }), () =>
      openYolo(file, { split: 'val', name: 'x', download: download() }),
    );
    expect((await openSource(file)).length).toBe(3);
    await expect(openYolo(url, { split: 'none', download: download() })).rejects.toThrow(
      "yolo: split: expected a split of the data set but received 'none'; there are 'val'",
    );
    await expect(openYolo(url.replace('/one?', '/two?'), { download: download() })).rejects.toThrow(
      /^yolo: there is no file in s3:\/\/folders-\d+\/sets\/two; check the bucket and the folder$/,
    );
  });

  it('Pascal VOC is read as it is here, with and without a split', async () => {
    const url = await put(voc);
    for (const split of ['train', undefined]) {
      const local = await openPascalVoc(voc, { split, masks: true, name: 'voc' });
      const far = await openPascalVoc(url, { split, masks: true, name: 'voc', download: download() });
      const plain = (data: OpenedDataset) => {
        const { problems, ...rest } = contents(data);
        return { ...rest, problems: JSON.stringify(problems).replaceAll(/\S*\/JPEGImages/g, 'IMAGES') };
      };
      expect(plain(far)).toEqual(plain(local));
    }
  });
});
