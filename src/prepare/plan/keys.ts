/** Names of samples: without dots, unique, and the same whatever else is in the data set. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { printable, RxaugError } from '../../core/index.js';

/** Characters of the original name that are kept, to recognize it by. */
const KEPT = 48;

/** `cat-7-3f2a9c81d04e` of `photos/cat.7.jpg`; the digits are of the whole id. */
export function keyOfImage(id: string): string {
  const base = basename(id).replace(/\.[A-Za-z0-9]{1,5}$/, '');
  const plain = base
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, KEPT);
  return `${plain || 'image'}-${digestOf(id).toString('hex', 0, DIGITS / 2)}`;
}

/** The digits behind the name. */
const DIGITS = 12;

const digestOf = (id: string): Buffer => createHash('sha256').update(id).digest();

const numberOf = (id: string): number => digestOf(id).readUIntBE(0, DIGITS / 2);

/** Refuses two images of one id, or of one key, which would overwrite each other. */
export function checkUnique(ids: Iterable<string>, count: number): void {
  const digits = new Float64Array(count);
  let n = 0;
  for (const id of ids) digits[n++] = numberOf(id);
  const order = Float64Array.from(digits).sort();
  for (let i = 1; i < n; i++) {
    if (order[i] !== order[i - 1]) continue;
    const twice = order[i] as number;
    let seen = 0;
    for (const id of ids) {
      if (numberOf(id) === twice && ++seen === 2)
        throw new RxaugError(
          `prepare: source: two images are called ${printable(id, 200)}; give each a name of its own`,
        );
    }
  }
}
