/** What commands leave out is counted and named, in text and in `--json`; an option that would not be read is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { image } from '../io/make.js';
import { MADE, Workspace } from './command.js';

const at = new Workspace({
  'made.ts': MADE,
  'filtered.ts': MADE.replace('horizontalFlip(),', 'filter(() => true), horizontalFlip(),').replace(
    'import {',
    "import { filter } from 'rxjs';\nimport {",
  ),
  'mine.ts': `import { batch, definePipeline, imageFolder, resize } from 'rxaug';
    export default definePipeline({ name: 'mine', settings: {}, batches: () => imageFolder('mine').pipe(resize(8), batch(2)) });`,
  'p.json': '{"rxaug": 2, "transforms": [{"op": "horizontalFlip"}]}',
  'mine/notes.txt': 'text',
  'mine/cat/broken.png': 'text',
  'sheet.json': '{"cells": []}',
});
beforeAll(async () => {
  const png = await image(12, 12).png().toBuffer();
  for (const file of ['mine/cat/1.png', 'one.png']) at.write(file, png);
});
afterAll(() => at.dispose());

const SAMPLE = '1 sample was left out:\n  cat/broken.png: expected a JPEG';
const PASSED = "1 file is passed over, read neither as image nor as label (1 .txt, such as 'notes.txt')";

describe('what a stream leaves out', () => {
  it('digest counts and names it in --json, files passed over too', async () => {
    const { code, stdout, stderr } = await at.rxaug([
      ...['digest', 'mine.ts', '--batches', '1', '--workers', '0', '--json'],
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain(SAMPLE);
    expect(stderr).toContain(PASSED);
    expect(JSON.parse(stdout).leftOut).toEqual({
      count: 1,
      samples: [{ id: 'cat/broken.png', reason: expect.stringContaining('expected a JPEG') }],
      notes: [expect.stringContaining(PASSED)],
    });
  });

  it('digest names it where the stream ends too soon because of it', async () => {
    const { code, stderr } = await at.rxaug(['digest', 'mine.ts', '--batches', '9', '--workers', '0']);
    expect(code).toBe(1);
    expect(stderr).toContain(SAMPLE);
    expect(stderr).toContain('the stream ended after');
  });

  it('explain names it, and says how many samples the first batch has', async () => {
    const { code, stderr } = await at.rxaug(['explain', 'mine.ts', '--samples', '2']);
    expect(code).toBe(0);
    expect(stderr).toContain(SAMPLE);
    expect(stderr).toContain('the first batch has 1, not 2');
  });
});

describe('what a pipeline has that a command does not apply', () => {
  it('augment --json lists it', async () => {
    const { stdout } = await at.rxaug(['augment', 'mine', 'out', '--pipeline', 'made.ts', '--json']);
    expect(JSON.parse(stdout).leftOut).toEqual([
      'mixup (it mixes the images of a batch)',
      'normalize (files hold plain pixels)',
    ]);
  });

  it('export --json counts operators that are no transforms', async () => {
    const { stdout } = await at.rxaug(['export', 'filtered.ts', '--to', 'torchvision', '--json']);
    expect(JSON.parse(stdout).foreign).toBe(1);
  });
});

describe('an option that would not be read', () => {
  it.each([
    [
      ['augment', 'mine', 'o', '--pipeline', 'p.json', '--set', 'a=1'],
      '--set: means nothing without a pipeline',
    ],
    [
      ['predict', 'no.ckpt', 'one.png', '--pipeline', 'p.json', '--set', 'a=1'],
      '--set: means nothing without',
    ],
    [['export', 'p.json', '--to', 'torchvision', '--set', 'a=1'], '--set: means nothing without a pipeline'],
    [
      ['export', 'rand-m9-n2', '--to', 'torchvision', '--set', 'a=1'],
      '--set: means nothing without a pipeline',
    ],
    [
      ['render', 'one.png', 'x.png', '--recipe', '@sheet.json', '--cell', '0', '--file', '1-0.jpg'],
      'expected either --cell, of what preview wrote, or --file',
    ],
    [['explain', 'made.ts', '--size', '64x48'], '--size: means nothing without --recipe'],
    [['explain', '--recipe', '[]', '--samples', '2'], '--samples: means nothing with --recipe'],
    [['explain', 'made.ts', '--recipe', '[]', '--set', 'count=8'], '--set: means nothing with --recipe'],
  ])('%j is refused with 2', async (args, sentence) => {
    const { code, stdout, stderr } = await at.rxaug(args);
    expect(stderr).toContain(sentence);
    expect([code, stdout]).toEqual([2, '']);
  });
});
