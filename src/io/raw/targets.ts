/** Boxes, keypoints and masks of a raw cache's samples, from the lines beside its images. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BoundingBox, Keypoint, Mask, Targets } from '../../core/index.js';
import { type TargetOptions, withSettings } from '../target-options.js';
import { HEAD_BYTES } from './layout.js';
import { openRawShard, type RawShard } from './shard.js';

interface Line {
  readonly boxes?: readonly BoundingBox[];
  readonly keypoints?: readonly Keypoint[];
  readonly masks?: readonly string[];
}

/** Of all boxes in raw caches. */
export const BOX_FORMAT = 'voc';

/** Names of the files of a shard's targets, which are in its folder. @throws Error if one of them is not in its folder */
export function targetFiles({ lines, masks }: RawShard): string[] {
  const names = [...(lines ? [lines.file] : []), ...masks.map(({ file }) => file)];
  if (names.some((name) => name === '' || /[/\\\0]/.test(name) || name === '..' || name === '.'))
    throw new Error('it names a file outside its folder; write it again');
  return names;
}

export interface RawTargets {
  /** Kinds of targets that some sample has. */
  readonly boxes: boolean;
  readonly keypoints: boolean;
  /** Of sample k. */
  at(k: number): Targets | undefined;
}

/**
 * The targets of a shard; undefined where no sample has any.
 *
 * @param placeOf where a file of its targets is on this machine
 * @throws Error with a reason, if the files beside the shard are not those that it was written with
 */
export function rawTargets(
  shard: RawShard,
  keyAt: (k: number) => string,
  options: TargetOptions | undefined,
  placeOf: (name: string) => string = (name) => join(dirname(shard.path), name),
): RawTargets | undefined {
  if (shard.targets === 0) return undefined;
  if (!shard.lines) throw new Error('it names no file of its targets; write it again');
  targetFiles(shard);
  const { file, sha256 } = shard.lines;
  const lines = linesOf(placeOf(file), sha256, shard.count, keyAt);
  const files = new Map(shard.masks.map(({ name, file }) => [name, maskFile(shard, name, placeOf(file))]));
  const { width, height } = shard;
  const maskAt = (name: string, k: number): [string, Mask] => {
    const { path, bits } = files.get(name) as { path: string; bits: 8 | 16 };
    const offset = HEAD_BYTES + k * width * height * (bits >> 3);
    const image = { kind: 'raw', path, offset, width, height, channels: 1, bits } as const;
    return [name, { image, ...(bits === 16 && { bits }) }];
  };
  for (const { masks = [] } of lines.values()) {
    if (masks.some((name) => !files.has(name)))
      throw new Error('its lines name masks that it has not; write it again');
  }
  const all = [...lines.values()];
  return {
    boxes: all.some(({ boxes }) => boxes),
    keypoints: all.some(({ keypoints }) => keypoints),
    at(k) {
      const line = lines.get(k);
      if (!line) return undefined;
      const { boxes, keypoints, masks } = line;
      return withSettings(
        {
          ...(masks && { masks: Object.fromEntries(masks.map((name) => maskAt(name, k))) }),
          ...(boxes && { boxes: { items: boxes, format: BOX_FORMAT } }),
          ...(keypoints && { keypoints: { items: keypoints } }),
        },
        options,
      );
    },
  };
}

function linesOf(
  path: string,
  sha256: string,
  count: number,
  keyAt: (k: number) => string,
): Map<number, Line> {
  const bytes = readFileSync(path);
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new Error(`${path} is not as it was written; write the shard again`);
  const texts = bytes.toString('utf8').split('\n');
  if (texts.pop() !== '' || texts.length !== count)
    throw new Error(`${path} has not the ${count} lines of its samples; write it again`);
  const found = new Map<number, Line>();
  texts.forEach((text, k) => {
    const line = lineOf(text);
    if (line?.key !== keyAt(k))
      throw new Error(`line ${k + 1} of ${path} is not that of its sample; write it again`);
    const { boxes, keypoints, masks } = line;
    if (boxes || keypoints || masks)
      found.set(k, { ...(boxes && { boxes }), ...(keypoints && { keypoints }), ...(masks && { masks }) });
  });
  return found;
}

function lineOf(text: string): (Line & { readonly key?: unknown }) | undefined {
  try {
    const line = JSON.parse(text);
    const isList = (value: unknown, of: string) =>
      value === undefined ||
      (Array.isArray(value) && value.every((one) => typeof one === of && one !== null));
    const { boxes, keypoints, masks } = line;
    return isList(boxes, 'object') && isList(keypoints, 'object') && isList(masks, 'string')
      ? line
      : undefined;
  } catch {
    return undefined;
  }
}

function maskFile(shard: RawShard, name: string, path: string): { path: string; bits: 8 | 16 } {
  const ids = openRawShard(path, 1);
  if (ids.width !== shard.width || ids.height !== shard.height || ids.count !== shard.count)
    throw new Error(`its mask '${name}' has another size or number; write it again`);
  return { path, bits: ids.bits };
}
