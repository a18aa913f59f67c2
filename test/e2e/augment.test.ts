/** `rxaug augment`: what it writes, what it leaves alone, and that nothing is lost without a word. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { image } from '../io/make.js';
import { MADE, Workspace } from './command.js';

let space: Workspace;
const at = (...path: string[]) => join(space.path, ...path);

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

beforeEach(async () => {
  space = new Workspace();
  for (const folder of ['cat', 'dog/deep']) mkdirSync(at('in', folder), { recursive: true });
  await image(24, 20).jpeg().toFile(at('in/cat/1.jpg'));
  await image(30, 18).png().toFile(at('in/cat/2.png'));
  await image(16, 16).webp().toFile(at('in/dog/deep/a.webp'));
});
afterEach(() => space.dispose());

const run = (...args: string[]) => space.rxaug(['augment', 'in', 'out', ...args]);
const trivial = ['--policy', 'trivial', '--copies', '2'];

describe('rxaug augment', () => {
  it('writes the same layout, the same bytes for any number of workers, and recipes that render to them', async () => {
    const first = await run(...trivial, '--format', 'png', '--workers', '0', '--json');
    expect(first.stderr).toBe('');
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ images: 3, copies: 2, written: 6, kept: 0, failed: [] });
    const made = contents('out');
    expect(Object.keys(made)).toEqual([
      'cat/1-0.png',
      'cat/1-1.png',
      'cat/2-0.png',
      'cat/2-1.png',
      'dog/deep/a-0.png',
      'dog/deep/a-1.png',
      'recipes.jsonl',
    ]);
    await space.rxaug(['augment', 'in', 'other', ...trivial, '--format', 'png', '--workers', '2']);
    expect(contents('other')).toEqual(made);
    await space.rxaug(['augment', 'in', 'seeded', ...trivial, '--format', 'png', '--seed', '1']);
    expect(contents('seeded')['cat/1-0.png']).not.toBe(made['cat/1-0.png']);
    const rendered = await space.rxaug([
      'render',
      'in/cat/2.png',
      'again.png',
      '--recipe',
      '@out/recipes.jsonl',
      '--file',
      'cat/2-1.png',
    ]);
    expect(rendered.stderr).toBe('');
    const pixels = (file: string) => sharp(at(file)).raw().toBuffer();
    expect((await pixels('again.png')).equals(await pixels('out/cat/2-1.png'))).toBe(true);
    const unnamed = await space.rxaug(['render', 'in/cat/2.png', 'x.png', '--recipe', '@out/recipes.jsonl']);
    expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringContaining('name one by --file') });
  });

  it('takes a flat folder, a size, a format and a quality', async () => {
    const { code } = await space.rxaug([
      'augment',
      'in/cat',
      'flat',
      '--policy',
      'rand-m9-n2',
      '--size',
      '12x10',
      '--quality',
      '60',
      '--seed',
      '3',
    ]);
    expect(code).toBe(0);
    expect(Object.keys(contents('flat'))).toEqual(['1-0.jpg', '2-0.jpg', 'recipes.jsonl']);
    const { width, height, format } = await sharp(at('flat/1-0.jpg')).metadata();
    expect({ width, height, format }).toEqual({ width: 10, height: 12, format: 'jpeg' });
  });

  it('counts and names what cannot be read, and exits with 1', async () => {
    writeFileSync(at('in/cat/broken.jpg'), 'no image');
    writeFileSync(at('in/cat/notes.txt'), 'notes');
    symlinkSync(at('nowhere'), at('in/dog/lost.png'));
    const { code, stdout, stderr } = await run(...trivial);
    expect(code).toBe(1);
    expect(stderr).toContain('cat/broken.jpg: expected a JPEG');
    expect(stderr).toContain('(2 copies)');
    expect(stderr).toContain('1 .txt, such as');
    expect(stderr).toContain('the link leads nowhere');
    expect(stdout).toContain('6 files written of 4 images, 2 could not be made');
    expect(lines('out')).toHaveLength(7);
  });

  it('reads a pipeline script or JSON, and names what it leaves out', async () => {
    space.write('made.ts', MADE);
    const script = await run('--pipeline', 'made.ts');
    expect(script.code).toBe(0);
    expect(script.stderr).toContain(
      'left out of the pipeline: mixup (it mixes the images of a batch), normalize',
    );
    expect(lines('out')[0].transforms.map(({ op }: { op: string }) => op)).toEqual([
      'horizontalFlip',
      'padCrop',
      'cutout',
    ]);
    space.write(
      'p.json',
      '{"rxaug": 2, "transforms": [{"op": "cutout", "options": {"size": {"schedule": "linear", "from": 0, "to": 4, "start": 0, "end": 1}}}]}',
    );
    const json = await space.rxaug(['augment', 'in', 'j', '--pipeline', 'p.json']);
    expect(json).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('cutout follows a schedule; give --progress'),
    });
    expect((await space.rxaug(['augment', 'in', 'j', '--pipeline', 'p.json', '--progress', '1'])).code).toBe(
      0,
    );
  });

  it('refuses wrong options in one sentence', async () => {
    const said = async (...args: string[]) => {
      const { code, stderr } = await run(...args);
      expect([args, code]).toEqual([args, 2]);
      return stderr;
    };
    expect(await said()).toContain('expected either --policy or --pipeline but received neither');
    expect(await said('--policy', 'trivail')).toContain("did you mean 'trivial'?");
    expect(await said(...trivial, '--size', '0x4')).toContain('--size: expected a side');
    expect(await said(...trivial, '--format', 'gif')).toContain(
      "--format: expected png, jpg or webp but received 'gif'",
    );
    expect(await said(...trivial, '--format', 'png', '--quality', '3')).toContain(
      '--quality: expected 1..100',
    );
    const missing = await space.rxaug(['augment', 'nowhere', 'out', ...trivial]);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("no folder 'nowhere'") });
    mkdirSync(at('empty'));
    const empty = await space.rxaug(['augment', 'empty', 'out', ...trivial]);
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining("'empty' holds no image") });
    expect(existsSync(at('out'))).toBe(false);
  });

  it('stops at Ctrl-C with whole files only, and the same command continues', async () => {
    for (let i = 0; i < 40; i++)
      await image(900, 700)
        .jpeg()
        .toFile(at(`in/cat/big${i}.jpg`));
    const args = ['augment', 'in', 'out', '--policy', 'trivial', '--copies', '3', '--workers', '1'];
    let kill: (signal: NodeJS.Signals) => void = () => {};
    const onStart = (given: typeof kill) => {
      kill = given;
    };
    const began = space.rxaug(args, { onStart });
    while (!existsSync(at('out/cat/1-0.jpg'))) await new Promise((done) => setTimeout(done, 20));
    kill('SIGINT');
    const { code, stderr } = await began;
    expect(code).toBe(130);
    expect(stderr).toContain('the same command continues from here');
    const before = Object.entries(contents('out')).filter(([file]) => file.endsWith('.jpg'));
    expect(before.length).toBeLessThan(129);
    for (const [, bytes] of before) await sharp(Buffer.from(bytes, 'base64')).stats();
    const { stdout } = await space.rxaug([...args, '--json']);
    const { written, kept } = JSON.parse(stdout);
    expect([written + kept, kept]).toEqual([129, before.length]);
  });
});
