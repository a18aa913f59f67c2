/**
 * Extended headers of a tar archive (POSIX pax, and Solaris's of type X): records of the form `LENGTH KEY=VALUE\n`
 * that say more about the next entry, or about all that follow.
 */

import { decoded } from './tar-header.js';

export interface Pax {
  readonly path?: string;
  /** Bytes of data; NaN where the record is no number. */
  readonly size?: number;
  /** GNU's sparse files 0.0, 0.1 and 1.0: the data are pieces of the file. */
  readonly sparse?: boolean;
  /** The name of such a file; its path is one that GNU tar made up. */
  readonly sparseName?: string;
  /** The next entry is the rest of a file that began in another volume. */
  readonly part?: boolean;
  /** What is wrong with the records. */
  readonly fault?: string;
}

/** An empty value removes an earlier record. */
export function readPax(bytes: Buffer): Pax {
  let pax: Pax = {};
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = space === -1 ? '' : bytes.toString('latin1', at, space);
    const end = at + Number(digits);
    if (!/^\d{1,9}$/.test(digits) || end <= space + 1 || bytes[end - 1] !== 0x0a)
      return { ...pax, fault: 'its extended header is damaged' };
    const record = decoded(bytes.subarray(space + 1, end - 1));
    const equals = record.indexOf('=');
    if (equals < 1) return { ...pax, fault: 'its extended header is damaged' };
    pax = { ...pax, ...meaning(record.slice(0, equals), record.slice(equals + 1)) };
    at = end;
  }
  return pax;
}

function meaning(key: string, value: string): Pax {
  if (key === 'path') return { path: value === '' ? undefined : value };
  if (key === 'GNU.sparse.name') return { sparse: true, sparseName: value };
  if (key === 'GNU.volume.filename') return { part: true };
  if (key.startsWith('GNU.sparse.') || key === 'SCHILY.realsize') return { sparse: true };
  if (key !== 'size') return {};
  if (value === '') return { size: undefined };
  return /^\d+$/.test(value)
    ? { size: Number(value) }
    : { size: undefined, fault: 'the size in its extended header is not a number' };
}
