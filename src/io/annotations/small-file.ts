/** Annotation files of single images: small, so they are read whole. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { unreadable } from '../files.js';
import { codeOf } from '../problems.js';

/** No annotation of one image is larger. */
const MOST = 16 << 20;
/** Opening a pipe without a writer must not block forever. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a file, or the reason why it cannot be read. */
export function readSmall(path: string): { readonly text: string } | { readonly fault: string } {
  let fd: number | undefined;
  try {
    fd = openSync(path, READ);
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { fault: 'its annotation is no file; restore it' };
    if (stat.size > MOST) return { fault: `its annotation has more than ${MOST} bytes; correct it` };
    const bytes = Buffer.alloc(stat.size);
    let done = 0;
    for (let n = -1; done < bytes.length && n !== 0; done += n)
      n = readSync(fd, bytes, done, bytes.length - done, done);
    return { text: utf8.decode(bytes.subarray(0, done)) };
  } catch (error) {
    if (error instanceof TypeError) return { fault: 'its annotation is no UTF-8 text; save it as UTF-8' };
    if (codeOf(error) === undefined) throw error;
    return { fault: unreadable(error, path) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
