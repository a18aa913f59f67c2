/**
 * Names of classes and masks as names of folders, on every file system: what is not legal is escaped as %XX, byte by
 * byte of UTF-8, and names that a file system without case would take for one are told apart the same way.
 */
import { show, UsageError } from '../../core/index.js';
import type { ShardPlace } from './output.js';

/** Of a file system's name, in bytes. */
const LONGEST = 240;
const ILLEGAL = /[<>:"/\\|?*%\p{Cc}\p{Cs}]/u;
/** Names of devices on Windows, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;

const percent = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/** A name as a folder's name. Different names have different results, but perhaps in case alone: see `folderNames`. */
function folderName(name: string): string {
  if (name === '') return '%';
  const chars = [...name];
  const device = DEVICE.test(name);
  return chars
    .map((char, i) => {
      const first = i === 0 && (char === '.' || char === ' ' || device);
      const last = i === chars.length - 1 && (char === '.' || char === ' ');
      return first || last || ILLEGAL.test(char) ? percent(char) : char;
    })
    .join('');
}

/** With nothing left that case or Unicode's forms could change. */
const strictly = (name: string) => (name === '' ? '%' : name.replace(/[^a-z0-9_-]/gu, percent));

/** What a file system without case takes a name for. */
const folded = (name: string) => name.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD');

/**
 * Names of folders for a list of names, in its order: unique, also where case does not count.
 *
 * @throws UsageError for a name that is too long, or twice in the list
 */
export function folderNames(owner: string, names: readonly string[]): string[] {
  const alike = new Map<string, number>();
  for (const name of names) alike.set(folded(name), (alike.get(folded(name)) ?? 0) + 1);
  const seen = new Set<string>();
  return names.map((name) => {
    const device = DEVICE.test(name);
    const result =
      (alike.get(folded(name)) as number) > 1 ? (device ? percent(name) : strictly(name)) : folderName(name);
    if (seen.has(result)) throw new UsageError(`${owner}: the name ${show(name)} is there twice; rename one`);
    seen.add(result);
    if (Buffer.byteLength(result) > LONGEST)
      throw new UsageError(`${owner}: the name ${show(name)} is too long for a folder; rename it`);
    return result;
  });
}

/** The key of a sample as a path; a part of it may be the name of a device. */
export const pathOfKey = (key: string): string => key.split('/').map(folderName).join('/');

/** A shard's file without its ending: `train-000000`. */
export const shardBase = ({ split, index }: Pick<ShardPlace, 'split' | 'index'>): string =>
  `${split}-${String(index).padStart(6, '0')}`;

/** The name that a folder's name stands for; what `folderNames` did not write stays as it is. */
export function nameOfFolder(folder: string): string {
  if (folder === '%') return '';
  return folder.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escaped) => {
    const bytes = Buffer.from(escaped.replaceAll('%', ''), 'hex');
    const text = bytes.toString('utf8');
    return Buffer.from(text).equals(bytes) ? text : escaped;
  });
}
