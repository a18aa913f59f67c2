/** The images that all contestants use: given, found next to the checkout, or made. */
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Usage } from './args.mjs';
import { makePhotos, makeShard } from './make-images.mjs';
import { makeLarge } from './make-large.mjs';
import { makeModels } from './make-models.mjs';

const JPEG = /\.jpe?g$/i;

/** Paths of photos (JPEG only: every contestant must be able to read them). */
export async function photos(root, given, log) {
  const folder = given ? resolve(given) : join(root, '../shared/data/photos');
  if (existsSync(folder)) {
    const found = jpegsIn(folder);
    if (found.length > 0) return found;
  }
  if (given)
    throw new Usage(
      `bench: expected JPEG files in --images ${given} but found none; name a folder of photos`,
    );
  const made = join(os.tmpdir(), 'rxaug-bench', 'photos-1');
  if (!existsSync(made)) {
    log(`no photos given; making some in ${made}`);
    await whole(made, makePhotos);
  }
  return jpegsIn(made);
}

/** Paths of photos of 12 megapixels, always made. */
export async function large(_root, _given, log) {
  const made = join(os.tmpdir(), 'rxaug-bench', 'large-1');
  if (!existsSync(made)) {
    log(`making photos of 12 megapixels in ${made}`);
    await whole(made, makeLarge);
  }
  return jpegsIn(made);
}

/** Path of a tar shard, or of those given. */
export const shards = (root, given, log) => shardsLike('train-000.tar', root, given, log);

/** Paths of the tar shards of a whole training set. */
export const allShards = (root, given, log) => shardsLike('train-*.tar', root, given, log);

async function shardsLike(name, root, given, log) {
  const pattern = given ? resolve(given) : join(root, '../shared/data/cifar10', name);
  const found = expand(pattern).flatMap(glob);
  if (found.length > 0) return found;
  if (given)
    throw new Usage(`bench: expected tar files for --shards ${given} but found none; give a path or a glob`);
  const made = join(os.tmpdir(), 'rxaug-bench', 'shards-1');
  if (!existsSync(made)) {
    log(`no shards given; making one in ${made}`);
    await whole(made, makeShard);
  }
  return glob(join(made, '*.tar'));
}

/** The folder of ONNX models, made anew for each version of what makes them. */
export async function models(root, _given, log) {
  const { mtimeMs } = statSync(join(root, 'dist/index.js'));
  const made = join(os.tmpdir(), 'rxaug-bench', `models-${Math.round(mtimeMs)}`);
  if (!existsSync(made)) {
    log(`making models in ${made}`);
    const draft = `${made}.${process.pid}`;
    mkdirSync(draft, { recursive: true });
    await makeModels(draft);
    renameSync(draft, made);
  }
  return made;
}

/** Made under a temporary name and then renamed, so an interruption leaves nothing that looks finished. */
async function whole(folder, make) {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(draft, { recursive: true });
  await make((name, bytes) => writeFileSync(join(draft, name), bytes));
  renameSync(draft, folder);
}

function jpegsIn(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => JPEG.test(name))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort();
}

/** `a{b,c}d` and `a{00..11}d`. */
function expand(pattern) {
  const group = /\{([^{}]*)\}/.exec(pattern);
  if (!group) return [pattern];
  const range = /^(\d+)\.\.(\d+)$/.exec(group[1]);
  const parts = range
    ? Array.from({ length: range[2] - range[1] + 1 }, (_, i) =>
        String(Number(range[1]) + i).padStart(range[1].length, '0'),
      )
    : group[1].split(',');
  return parts.flatMap((part) => expand(pattern.replace(group[0], () => part)));
}

/** `*` in the file name. */
function glob(pattern) {
  const folder = dirname(pattern);
  const escaped = basename(pattern)
    .replace(/[.+^${}()|[\]\\?]/g, '\\$&')
    .replaceAll('*', '.*');
  const matches = new RegExp(`^${escaped}$`);
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => matches.test(name))
        .sort()
        .map((name) => join(folder, name))
    : [];
}
