/** What somebody meets who prepares a first data set: ready scripts by their names, and splits that lack a class. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { image, scratchFolder } from '../io/make.js';

const cli = join(import.meta.dirname, '../../dist/cli/main.js');
const root = scratchFolder();

function rxaug(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) =>
    execFile(process.execPath, [cli, ...args], { cwd: root }, (error, out, err) =>
      done({ code: error ? Number(error.code ?? -1) : 0, out, err }),
    ),
  );
}

it('pipelines/prepare.ts of the package runs by that name, and a class that a split lacks is told', async () => {
  const jpeg = await image().jpeg().toBuffer();
  for (const [name, count] of [
    ['cat', 1],
    ['dog', 12],
  ] as const) {
    mkdirSync(join(root, 'photos', name), { recursive: true });
    for (let i = 0; i < count; i++)
      writeFileSync(
        join(root, 'photos', name, `${i}.jpg`),
        Buffer.concat([jpeg, Buffer.from(`${name}${i}`)]),
      );
  }
  const sets = ['data=photos', 'split=train:0.5,val:0.5', 'near=ignore', 'size=0'].flatMap((one) => [
    '--set',
    one,
  ]);
  const { code, out, err } = await rxaug('prepare', 'pipelines/prepare.ts', ...sets, '--out', 'out');
  expect(code, err).toBe(0);
  expect(err).toContain('rxaug: there is no pipelines/prepare.ts here, so the one of the package runs: ');
  expect(err).toMatch(/split '(train|val)' has no image of cat; stratified: true divides/);
  expect(out).toContain('out: 13 samples of 13 images (');
}, 60_000);

it('a script that neither the project nor the package has is refused', async () => {
  const { code, err } = await rxaug('digest', 'pipelines/nothing.ts');
  expect(code).toBe(2);
  expect(err).toContain("no pipeline at 'pipelines/nothing.ts'; give the path of a .ts or .js file");
}, 60_000);
