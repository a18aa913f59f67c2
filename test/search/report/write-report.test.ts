/** The files of a report, with pictures by the real engine. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fromJson } from '../../../src/core/json.js';
import { openArrays } from '../../../src/io/index.js';
import { operatorOf } from '../../../src/search/policy/operator.js';
import type { PolicySetting } from '../../../src/search/policy/policy.js';
import { picturing } from '../../../src/search/report/pictures.js';
import { writeReport } from '../../../src/search/report/write-report.js';
import { scratchFolder } from '../../io/make.js';
import { arm, found, policy, result, run, search, space } from './made.js';
import { decodedPng } from './png.js';

const dir = scratchFolder();

/** Colors over the whole image, darker to the right: flips are seen. */
const images = openArrays({
  images: Uint8Array.from({ length: 12 * 16 * 16 * 3 }, (_, i) => {
    const [image, x, c] = [Math.floor(i / 768), Math.floor(i / 3) % 16, i % 3];
    return (255 - 12 * x) * (c === image % 3 ? 1 : 0.4);
  }),
  labels: Array(12).fill(0),
  width: 16,
  height: 16,
  classes: ['<b>one</b>'],
  name: 'made',
});

const operator = (setting: PolicySetting) => operatorOf(space, setting);

const always = (op: string): PolicySetting => ({
  subPolicies: [{ weight: 1, stages: [[{ op, weight: 1, p: 1 }]] }],
});

test('picturing shows the same images as they are and under a policy', async () => {
  const { picture, caption } = await picturing(images, { operator, size: 16 });
  const plain = await decodedPng(await picture({ subPolicies: [] }));
  const flipped = await decodedPng(await picture(always('hflip')));
  expect(plain).toMatchObject({ width: 8 * 18 + 2, height: 20 });
  const pixel = ({ data, width }: typeof plain, x: number, y: number) => [
    ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
  ];
  for (let image = 0; image < 8; image++)
    for (const x of [0, 3, 15])
      expect(pixel(flipped, 2 + 18 * image + x, 9)).toEqual(pixel(plain, 2 + 18 * image + 15 - x, 9));
  expect(pixel(flipped, 2, 9)).not.toEqual(pixel(plain, 2, 9));
  expect(caption).toMatch(/^8 images of made, first as they are/);
  expect(caption).not.toContain('passed over');
});

test('picturing crops and shrinks larger images, and takes all of fewer than eight', async () => {
  const large = openArrays({
    ...{ images: new Uint8Array(3 * 200 * 120 * 3), labels: [0, 0, 0], width: 200, height: 120 },
    ...{ classes: ['a'], name: 'large' },
  });
  const { picture, caption } = await picturing(large, { operator, size: 112 });
  expect(await decodedPng(await picture(always('hflip')))).toMatchObject({ width: 3 * 98 + 2, height: 100 });
  expect(caption).toMatch(/^3 images of large/);
});

test('picturing passes over images that cannot be read, and says so; none at all is an error', async () => {
  const bad = (broken: (i: number) => boolean) => ({
    ...images,
    item: (i: number) =>
      broken(i)
        ? { ...images.item(i), image: { kind: 'bytes', bytes: new Uint8Array(9) } as const }
        : images.item(i),
  });
  const { caption } = await picturing({ ...bad((i) => i % 2 === 0), length: 12 }, { operator, size: 16 });
  expect(caption).toMatch(/^6 images of .+; 6 images that cannot be read passed over\.$/);
  await expect(picturing({ ...bad(() => true), length: 12 }, { operator, size: 16 })).rejects.toThrow(
    /^pictures: expected images in made but none of 12 can be read/,
  );
});

test('writeReport writes the result, the policy of the better search and the page', async () => {
  const better = search({
    seed: 2,
    trace: [{ progress: 1, strength: 1, effectiveOps: 2, values: { score: 3 } }],
  });
  const other: PolicySetting = { subPolicies: [policy.subPolicies[1]] };
  const made = result({
    searches: [search(), { ...better, policy: other }],
    arms: [
      found([0.62, 0.63], [0.6, 0.61]),
      { name: 'nothing', runs: [run(0, 0.5, { loss: Number.NaN }), run(1, 0.6)] },
    ],
  });
  const to = path.join(dir, 'whole');
  const pictures = await picturing(images, { operator, size: 16 });
  const { files, findings } = await writeReport(to, made, {
    space,
    policyText: (one) => JSON.stringify(one),
    pictures,
  });
  expect(readdirSync(to).sort()).toEqual(['policy.json', 'report.html', 'report.json']);
  expect(fromJson(readFileSync(files.report, 'utf8'))).toEqual(made);
  expect(JSON.parse(readFileSync(files.policy as string, 'utf8'))).toEqual(other);
  expect(findings.summary.policy).toBe(path.join(to, 'policy.json'));
  const html = readFileSync(files.html, 'utf8');
  // The images as they are, two sub-policies of one search and one of the other.
  const found8 = [...html.matchAll(/src="data:image\/png;base64,([A-Za-z0-9+/=]+)"/g)];
  expect(found8).toHaveLength(4);
  for (const [, data] of found8)
    expect(await decodedPng(Buffer.from(data, 'base64'))).toMatchObject({ width: 146 });
});

test('writeReport keeps the result where a picture fails, and writes no policy where no search ended', async () => {
  const to = path.join(dir, 'half');
  const pictures = { picture: () => Promise.reject(new Error('no engine')), caption: '' };
  const options = { space, policyText: (one: PolicySetting) => JSON.stringify(one) };
  await expect(writeReport(to, result(), { ...options, pictures })).rejects.toThrow('no engine');
  expect(readdirSync(to).sort()).toEqual(['policy.json', 'report.json']);
  const none = path.join(dir, 'none');
  const { files, findings } = await writeReport(
    none,
    result({ searches: [], arms: [arm('found')] }),
    options,
  );
  expect(readdirSync(none).sort()).toEqual(['report.html', 'report.json']);
  expect(files.policy).toBeUndefined();
  expect(findings.summary.policy).toBeNull();
});
