/** `rxaug init`: writes a project that trains on a folder of images, from templates/project. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { Command } from 'commander';
import { replaceFile } from '../../core/files/write-file.js';
import { type ImageRef, messageOf, UsageError } from '../../core/index.js';
import { ownVersion } from '../../core/own-version.js';
import { shapes10InMemory } from '../../datasets/index.js';
import { encodeImage } from '../../io/encode.js';
import { print, say } from '../out.js';
import { quoted } from '../quoted.js';
import { copyTemplate, templateFiles } from '../templates.js';

interface Flags {
  readonly images?: string;
  readonly from?: string;
}

/** Pictures that are made where no folder is given: enough for a network to learn something in a minute. */
const MADE = { train: 600, test: 200 } as const;

/** Where they go, in the project. */
const FOLDER = 'images';

const SCRIPT = 'train.ts';
const MANIFEST = 'package.json';
const RUN = `npx rxaug run ${SCRIPT}`;

export function initCommand(): Command {
  return new Command('init')
    .description('write a project that trains on a folder of images')
    .argument('[dir]', 'the folder of the project', '.')
    .option(
      '--images <dir>',
      'your images: class folders, or train/ and test/ with class folders (default: pictures of shapes are made)',
    )
    .option(
      '--from <tarball>',
      'install rxaug from this file, rxaug-VERSION.tgz (default: as the project around it does, else by name and version)',
    )
    .action(init);
}

async function init(dir: string, { images, from }: Flags): Promise<void> {
  const folder = resolve(dir);
  const name =
    basename(folder)
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'project';
  const { there, kept } = present(folder, images === undefined ? [SCRIPT, FOLDER] : [SCRIPT]);
  if (there.length > 0)
    throw new UsageError(
      `init: ${there.map((file) => `'${join(dir, file)}'`).join(', ')} ${there.length > 1 ? 'are' : 'is'} there already; choose another folder, or move ${there.length > 1 ? 'them' : 'it'} away`,
    );
  const manifest = kept.includes(MANIFEST)
    ? moduleIn(join(folder, MANIFEST), join(dir, MANIFEST))
    : undefined;
  const file = from ?? installedFrom(process.cwd());
  const rxaug = file === undefined ? `^${ownVersion()}` : tarball(file, folder);
  const { train, test } =
    images === undefined ? { train: `${FOLDER}/train`, test: `${FOLDER}/test` } : foldersIn(images, folder);
  if (images === undefined) await makeImages(folder);
  const words = { NAME: name, RXAUG: rxaug, TRAIN: escaped(train), TEST: escaped(test) };
  copyTemplate('project', folder, words, kept);
  print(dir);
  if (kept.length > 0) say(`rxaug: kept as ${kept.length > 1 ? 'they are' : 'it is'}: ${kept.join(', ')}`);
  say(
    `next: ${[...(dir === '.' ? [] : [`cd ${quoted(dir)}`]), ...install(manifest, rxaug, from !== undefined), RUN].join(', ')}`,
  );
}

/** Of the files that would be written, those that are there: `there` stops the command, `kept` are left as they are. */
function present(folder: string, own: readonly string[]): { there: string[]; kept: string[] } {
  const isThere = (file: string) => existsSync(join(folder, file));
  return {
    there: own.filter(isThere),
    kept: templateFiles('project').filter((file) => !own.includes(file) && isThere(file)),
  };
}

interface Manifest {
  readonly type?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest;

/** Of a project that is there already. */
function moduleIn(file: string, shown: string): Manifest {
  let manifest: Manifest;
  try {
    manifest = readManifest(file);
  } catch (error) {
    throw new UsageError(`init: '${shown}' is no JSON (${messageOf(error)}); correct it, or move it away`);
  }
  if (manifest.type === 'module') return manifest;
  throw new UsageError(
    `init: '${shown}' has no "type": "module", which rxaug needs; run npm pkg set type=module in its folder`,
  );
}

/** The commands that install what the project needs. What it depends on stays, unless another rxaug is asked for. */
function install(manifest: Manifest | undefined, rxaug: string, asked: boolean): string[] {
  if (manifest === undefined) return ['npm install --ignore-scripts'];
  const { dependencies, devDependencies } = manifest;
  if (!asked && (dependencies?.rxaug ?? devDependencies?.rxaug)) return [];
  const what = rxaug.startsWith('file:') ? quoted(rxaug.slice('file:'.length)) : 'rxaug';
  return [`npm install --ignore-scripts ${what} rxjs`];
}

/** The tarball that the project around a folder installed rxaug from, where it is one. */
function installedFrom(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { dependencies, devDependencies } = readManifest(join(at, MANIFEST));
      const spec = dependencies?.rxaug ?? devDependencies?.rxaug;
      if (spec !== undefined) {
        const file = /^file:(.+\.(?:tgz|tar\.gz))$/.exec(spec)?.[1];
        return file && existsSync(resolve(at, file)) ? resolve(at, file) : undefined;
      }
    } catch {
      // No package.json here, or one that npm will complain about.
    }
    if (at === dirname(at)) return undefined;
  }
}

/** As package.json names a file. */
function tarball(from: string, folder: string): string {
  const found = statSync(resolve(from), { throwIfNoEntry: false });
  if (!found?.isFile())
    throw new UsageError(`--from: there is no file '${from}'; give the tarball that npm pack wrote`);
  return `file:${slashes(relative(folder, resolve(from)))}`;
}

/** The folders to train and to test on, as seen from the project. */
function foldersIn(images: string, folder: string): { train: string; test: string } {
  const at = resolve(images);
  if (!statSync(at, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--images: there is no folder '${images}'; give the folder of the class folders`);
  const inside = (name: string) => slashes(relative(folder, join(at, name))) || '.';
  const split = ['train', 'test'].every((name) => existsSync(join(at, name)));
  if (split) return { train: inside('train'), test: inside('test') };
  if (
    !readdirSync(at, { withFileTypes: true }).some(
      (entry) => entry.isDirectory() && !entry.name.startsWith('.'),
    )
  )
    throw new UsageError(
      `--images: '${images}' has no class folder; put the images of each class into a folder of its own`,
    );
  say(
    `rxaug: '${images}' has no train/ and test/, so nothing is measured; split it, and name both in train.ts`,
  );
  return { train: inside(''), test: '' };
}

const slashes = (path: string) => path.split(sep).join('/');

/** For text in single quotes. */
const escaped = (text: string) => text.replace(/['\\]/g, '\\$&');

async function makeImages(folder: string): Promise<void> {
  for (const split of ['train', 'test'] as const) {
    const made = await shapes10InMemory({ split, count: MADE[split] });
    for (const name of made.classes) mkdirSync(join(folder, FOLDER, split, name), { recursive: true });
    for (let i = 0; i < made.length; i++) {
      const { image, label } = made.item(i);
      const { data, width, height } = image as Extract<ImageRef, { kind: 'pixels' }>;
      const png = await encodeImage({ data, width, height }, 'png');
      replaceFile(join(folder, FOLDER, split, made.classes[label as number] as string, `${i}.png`), png);
    }
  }
}
