/** A folder augmented into another: what is written, what is kept, and what is never touched. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pipelineToJson, trivialAugment } from '../../src/augment/index.js';
import { augmentFolder, type FolderOptions } from '../../src/pipeline/folder/augment-folder.js';
import type { FolderSettings } from '../../src/pipeline/folder/recipes-file.js';
import { image } from '../io/make.js';

let space = '';
const at = (...path: string[]) => join(space, ...path);

beforeEach(async () => {
  space = mkdtempSync(join(tmpdir(), 'rxaug-folder-'));
  for (const folder of ['cat', 'dog/deep']) mkdirSync(at('in', folder), { recursive: true });
  await image(24, 20).jpeg().toFile(at('in/cat/1.jpg'));
  await image(30, 18).png().toFile(at('in/cat/2.png'));
  await image(16, 16).webp().toFile(at('in/dog/deep/a.webp'));
});
afterEach(() => rmSync(space, { recursive: true, force: true }));

type Given = Partial<Pick<FolderOptions, 'dir' | 'out' | 'copies' | 'overwrite' | 'signal'>> &
  Partial<FolderSettings>;

function run({ dir = 'in', out = 'out', copies = 2, overwrite = false, signal, ...settings }: Given = {}) {
  const transforms = [trivialAugment()];
  return augmentFolder({
    dir: at(dir),
    out: at(out),
    transforms,
    settings: { seed: 0, format: 'jpeg', transforms: pipelineToJson(transforms).transforms, ...settings },
    copies,
    workers: 0,
    overwrite,
    signal: signal ?? new AbortController().signal,
  });
}

/** Every file below a folder, with its bytes. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(at(folder), { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.sort().map((file) => [file.slice(at(folder).length + 1), readFileSync(file).toString('base64')]),
  );
}

const lines = (folder: string) =>
  readFileSync(at(folder, 'recipes.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('augmentFolder', () => {
  it('continues: keeps what is finished, and writes what is missing, to the same bytes', async () => {
    await run();
    const made = contents('out');
    rmSync(at('out/cat/2-1.jpg'));
    const log = readFileSync(at('out/recipes.jsonl'), 'utf8');
    writeFileSync(at('out/recipes.jsonl'), log.slice(0, -40)); // cut short by a kill
    expect(await run()).toMatchObject({ written: 1, kept: 5, failed: [] });
    expect(contents('out')).toEqual(made);
    expect(await run({ copies: 3 })).toMatchObject({ written: 3, kept: 6 });
    expect(contents('out')).toMatchObject({ ...made, 'recipes.jsonl': expect.any(String) });
    expect(await run({ copies: 1 })).toMatchObject({ written: 0, kept: 3, others: 6 });
    expect(lines('out')).toHaveLength(10);
  });

  it('keeps what is finished when the signal comes, and the rest is made the next time', async () => {
    await run({ out: 'whole' });
    const controller = new AbortController();
    controller.abort();
    expect(await run({ signal: controller.signal })).toMatchObject({ written: 0, kept: 0 });
    expect(await run()).toMatchObject({ written: 6 });
    expect(contents('out')).toEqual(contents('whole'));
  });

  it('adds images without a change to the others', async () => {
    await run();
    const made = contents('out');
    await image(9, 9).png().toFile(at('in/cat/0.png'));
    expect(await run()).toMatchObject({ written: 2, kept: 6 });
    expect(contents('out')).toMatchObject({ ...made, 'recipes.jsonl': expect.any(String) });
    expect(lines('out')).toHaveLength(9);
  });

  it('refuses other settings, and makes all anew with overwrite', async () => {
    await run();
    const made = contents('out');
    await expect(run({ seed: 4, format: 'webp' })).rejects.toThrow(
      'made with other settings (seed 4, not 0; format webp, not jpeg); give --overwrite',
    );
    expect(contents('out')).toEqual(made);
    expect(await run({ seed: 4, overwrite: true })).toMatchObject({ written: 6, failed: [] });
    expect(lines('out')[0]).toMatchObject({ augmented: 1, seed: 4 });
    expect(await run({ seed: 4 })).toMatchObject({ written: 0, kept: 6 });
  });

  it('refuses files that are there and differ, and makes them anew with overwrite', async () => {
    await run();
    const made = contents('out');
    writeFileSync(at('out/cat/1-0.jpg'), 'mine');
    await image(8, 8).png().toFile(at('in/cat/2.png'));
    const { failed } = await run();
    expect(failed.map(({ file }) => file)).toEqual(['cat/1-0.jpg', 'cat/2-0.jpg', 'cat/2-1.jpg']);
    expect(failed[0]?.reason).toContain('is there and is not what is to be written; give --overwrite');
    expect(failed[1]?.reason).toContain('is there and is of another version of its image');
    expect(readFileSync(at('out/cat/1-0.jpg'), 'utf8')).toBe('mine');
    expect(await run({ overwrite: true })).toMatchObject({ failed: [] });
    expect(contents('out')['cat/1-0.jpg']).toBe(made['cat/1-0.jpg']);
    expect(contents('out')['cat/2-0.jpg']).not.toBe(made['cat/2-0.jpg']);
  });

  it('keeps a file that a killed run had written and not yet listed', async () => {
    await run();
    const made = contents('out');
    writeFileSync(at('out/recipes.jsonl'), `${JSON.stringify(lines('out')[0])}\n`);
    expect(await run()).toMatchObject({ written: 0, kept: 6, failed: [] });
    expect(contents('out')).toEqual(made);
  });

  it('gives every image names of its own, and refuses what would still collide', async () => {
    await image(5, 5).png().toFile(at('in/cat/1.png'));
    await run({ copies: 1 });
    expect(Object.keys(contents('out')).filter((file) => file.startsWith('cat/1'))).toEqual([
      'cat/1.jpg-0.jpg',
      'cat/1.png-0.jpg',
    ]);
    await image(5, 5).png().toFile(at('in/cat/1.jpg.png'));
    await expect(run({ out: 'third' })).rejects.toThrow('would become files of one name; rename one of them');
  });

  it('never writes into the folder that it reads, nor through a link out of the one that it writes', async () => {
    symlinkSync(at('in'), at('link'));
    for (const [dir, out] of [
      ['in', 'in/out'],
      ['in', 'in'],
      ['in/cat', 'in'],
      ['in', 'link/out'],
      ['link', 'in/out'],
    ] as const)
      await expect(run({ dir, out }), `${dir} to ${out}`).rejects.toThrow(
        'lie in one another; write to a folder',
      );
    mkdirSync(at('out'));
    mkdirSync(at('elsewhere'));
    symlinkSync(at('elsewhere'), at('out/cat'));
    await expect(run()).rejects.toThrow('is a link; remove it');
    expect(readdirSync(at('elsewhere'))).toEqual([]);
  });

  it('reads no folder twice that links lead to, and says so', async () => {
    symlinkSync(at('in'), at('in/dog/round'));
    const { images, problems } = await run();
    expect(images).toBe(3);
    expect(problems.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('the link leads to a folder that is read already'),
    ]);
  });

  it('refuses a recipes file that is not of rxaug augment', async () => {
    mkdirSync(at('out'));
    writeFileSync(at('out/recipes.jsonl'), '{"mine": 1}\n');
    await expect(run()).rejects.toThrow(
      'expected the recipes of rxaug augment but its first line is another',
    );
    writeFileSync(at('out/recipes.jsonl'), 'text\n');
    await expect(run()).rejects.toThrow('line 1 is not JSON');
  });
});
