/** `rxaug init`: writes a project that trains on a folder of images, from templates/project. */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { Command } from 'commander';
import { replaceFile } from '../../core/files/write-file.js';
import { type ImageRef, UsageError } from '../../core/index.js';
import { shapes10InMemory } from '../../datasets/index.js';
import { encodeImage } from '../../io/encode.js';
import { print, say } from '../out.js';
import { copyTemplate, packageVersion, templateFiles } from '../templates.js';

interface Flags {
  readonly images?: string;
  readonly from?: string;
}

/** Pictures that are made where no folder is given: enough for a network to learn something in a minute. */
const MADE = { train: 600, test: 200 } as const;

/** Where they go, in the project. */
const FOLDER = 'images';

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
      'install rxaug from this file, rxaug-VERSION.tgz (default: by its name and version)',
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
  const files = templateFiles('project');
  const there = [...files, ...(images === undefined ? [FOLDER] : [])].filter((file) =>
    existsSync(join(folder, file)),
  );
  if (there.length > 0)
    throw new UsageError(
      `init: ${there.map((file) => `'${join(dir, file)}'`).join(', ')} ${there.length > 1 ? 'are' : 'is'} there already; choose another folder, or move ${there.length > 1 ? 'them' : 'it'} away`,
    );
  const rxaug = from === undefined ? `^${packageVersion()}` : tarball(from, folder);
  const { train, test } =
    images === undefined ? { train: `${FOLDER}/train`, test: `${FOLDER}/test` } : foldersIn(images, folder);
  if (images === undefined) await makeImages(folder);
  copyTemplate('project', folder, { NAME: name, RXAUG: rxaug, TRAIN: quoted(train), TEST: quoted(test) });
  print(dir);
  say(`next: ${dir === '.' ? '' : `cd ${dir}, `}npm install, npx rxaug run train.ts`);
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
const quoted = (text: string) => text.replace(/['\\]/g, '\\$&');

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
