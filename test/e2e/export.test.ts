/** `rxaug export` as a user runs it: scripts, JSON and policies in, Python out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MADE, Workspace } from './command.js';

const PIPELINE = { rxaug: 1, transforms: [{ op: 'horizontalFlip' }, { op: 'elastic' }] };
const at = new Workspace({
  'made.ts': MADE,
  'pixels.ts': MADE.replace(
    'horizontalFlip(),',
    'horizontalFlip(), mapPixels(function darker() {}),',
  ).replace('import {', 'import { mapPixels,'),
  'filtered.ts': MADE.replace('horizontalFlip(),', 'filter(() => true), horizontalFlip(),').replace(
    'import {',
    "import { filter } from 'rxjs';\nimport {",
  ),
  'pipeline.json': JSON.stringify(PIPELINE),
  'broken.json': '{"rxaug": 1,',
});
afterAll(() => at.dispose());

async function refusal(...args: string[]) {
  const { code, stdout, stderr } = await at.rxaug(['export', ...args]);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^rxaug: [^\n]+\n$/);
  return { code, said: stderr.slice('rxaug: '.length, -1) };
}

describe('rxaug export', () => {
  it('row 10: writes a policy to stdout, with its p', async () => {
    const { code, stdout, stderr } = await at.rxaug(['export', 'rand-m9-n2', '--to', 'torchvision']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/ {4}TimmRandAugment\(\n {8}num_ops=2,\n {8}p=0.5,\n {8}magnitude=9,/);
    expect(stdout).toMatch(/^# rand-m9-n2, written by rxaug export/);
  });

  it('reads a script back, batch transforms and settings too, without its data', async () => {
    const args = ['export', 'made.ts', '--to', 'torchvision', '--set', 'mixup=0.7', '--classes', '2'];
    const { code, stdout, stderr } = await at.rxaug(args);
    expect([code, stderr]).toEqual([0, '']);
    const order = ['v2.RandomHorizontalFlip(p=0.5)', 'PadCrop(padding=2)', 'v2.Normalize(', 'Cutout(size=2)'];
    const found = order.map((text) => stdout.indexOf(`    ${text}`));
    expect(found.every((place, i) => place > (found[i - 1] ?? 0))).toBe(true);
    expect(stdout).toContain('NUM_CLASSES = 2\n');
    expect(stdout).toContain('v2.MixUp(alpha=0.7, num_classes=NUM_CLASSES)');
  });

  it('passes over operators of RxJS and says so', async () => {
    const { code, stderr } = await at.rxaug(['export', 'filtered.ts', '--to', 'torchvision']);
    expect(code).toBe(0);
    expect(stderr).toBe('rxaug: operators that are no transforms were left out: 1\n');
  });

  it('--skip-unknown leaves out transforms that cannot be exported, --out writes a file', async () => {
    const args = ['export', 'pipeline.json', '--to', 'albumentations', '--skip-unknown', '--out', 'a.py'];
    const { code, stdout, stderr } = await at.rxaug(args);
    expect([code, stdout]).toEqual([0, 'a.py\n']);
    expect(stderr).toBe('rxaug: left out: elastic: albumentations has nothing that does the same\n');
    const text = readFileSync(join(at.path, 'a.py'), 'utf8');
    expect(text).toContain('# LEFT OUT: elastic: albumentations has nothing that does the same.');
    expect(text).toContain('A.HorizontalFlip(p=0.5)');
  });

  it('prints an object with --json', async () => {
    const json = '[{"op": "cutout", "options": {"size": {"schedule": "linear", "from": 0, "to": 8}}}]';
    const args = ['export', json, '--to', 'torchvision', '--progress', '0.5', '--json'];
    const { code, stdout } = await at.rxaug(args);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      to: 'torchvision',
      progress: 0.5,
      read: ['cutout.size = 4'],
      skipped: [],
      code: expect.stringContaining('Cutout(size=4)'),
    });
  });

  it.each([
    [['rand-m9-n2'], "required option '--to <library>' not specified"],
    [
      ['rand-m9-n2', '--to', 'kornia'],
      "argument 'kornia' is invalid. Allowed choices are torchvision, albumentations.",
    ],
    [['rand-m9-q2', '--to', 'torchvision'], "received 'q2' in 'rand-m9-q2'"],
    [['trivial-wild', '--to', 'torchvision'], "unknown policy 'trivial-wild'; did you mean 'trivial-wide'?"],
    [
      ['rand-m9-n2', '--to', 'albumentations'],
      'export: timmRandAugment: albumentations has no such policy; export to torchvision',
    ],
    [
      ['pipeline.json', '--to', 'torchvision'],
      'export: elastic: torchvision has nothing that does the same; --skip-unknown leaves it out',
    ],
    [['none.json', '--to', 'torchvision'], "export: cannot read 'none.json'"],
    [['none.ts', '--to', 'torchvision'], "no pipeline at 'none.ts'; give the path of a .ts or .js file"],
    [
      ['a.yaml', '--to', 'torchvision'],
      "expected a script (.ts, .js), JSON (.json) or a policy but received 'a.yaml'",
    ],
    [['broken.json', '--to', 'torchvision'], 'export: expected JSON but received text that is not'],
    [
      ['{"rxaug": 1, "transforms": [{"op": "flipp"}]}', '--to', 'torchvision'],
      "unknown transform 'flipp'; did you mean 'horizontalFlip'?",
    ],
    [
      ['rand-m9', '--to', 'torchvision', '--progress', '2'],
      "--progress: expected a number in 0..1 but received '2'",
    ],
    [['pixels.ts', '--to', 'torchvision'], "pixels.ts: mapPixels 'darker' cannot be read"],
  ])('%j is refused with 2', async (args, sentence) => {
    const { code, said } = await refusal(...args);
    expect(said).toContain(sentence);
    expect(code).toBe(2);
  });
});
