/** Compressed streams, unpacked piece by piece. */
import { closeSync, createReadStream, fstatSync, constants as modes, openSync, readSync } from 'node:fs';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createInflate } from 'node:zlib';
import { messageOf, RxaugError } from '../../core/index.js';
import { codeOf } from '../problems.js';
import type { UnpackedWriter } from './unpacked-writer.js';

export type Packing = 'gzip' | 'zlib';

/** Of a file that begins with these bytes, at least two. */
export function packingOf(start: Uint8Array): Packing | undefined {
  const [first = 0, second = 0] = start;
  if (first === 0x1f && second === 0x8b) return 'gzip';
  // Compression method 8, a window that is allowed, and a check that holds.
  return (first & 0x8f) === 0x08 && (first * 256 + second) % 31 === 0 && (second & 0x20) === 0
    ? 'zlib'
    : undefined;
}

/** Opening a pipe that no one writes to must not wait forever. */
const READ = modes.O_RDONLY | (modes.O_NONBLOCK ?? 0);

/** How a file is packed, by its first bytes; undefined for what is no file. */
export function packingOfFile(path: string): Packing | undefined {
  const fd = openSync(path, READ);
  try {
    const start = Buffer.alloc(2);
    return fstatSync(fd).isFile() && readSync(fd, start, 0, 2, 0) === 2 ? packingOf(start) : undefined;
  } finally {
    closeSync(fd);
  }
}

/**
 * Unpacks a file of gzip (of several members too) or zlib. Of one that is cut short, all that stands before the cut is
 * unpacked, and the sentence that says so is returned.
 *
 * @throws RxaugError for one that is damaged
 */
export async function inflateFile(
  path: string,
  packing: Packing,
  out: UnpackedWriter,
): Promise<string | undefined> {
  try {
    const rest = await inflate(path, packing, out, constants.Z_FINISH);
    return rest > 0
      ? `${rest} bytes behind its end are no ${packing} and are left out; write it again`
      : undefined;
  } catch (error) {
    if (codeOf(error) !== 'Z_BUF_ERROR') {
      if (!codeOf(error)?.startsWith('Z_')) throw error;
      throw new RxaugError(
        `${path}: its ${packing} is damaged (${messageOf(error)}); download or write it again`,
        { cause: error },
      );
    }
  }
  out.restart();
  await inflate(path, packing, out, constants.Z_SYNC_FLUSH);
  return `its ${packing} is cut short, so the end is missing; download or write it again`;
}

async function inflate(
  path: string,
  packing: Packing,
  out: UnpackedWriter,
  finishFlush: number,
): Promise<number> {
  const make = packing === 'gzip' ? createGunzip : createInflate;
  const unpacker = make({ finishFlush, chunkSize: 256 << 10 });
  const source = createReadStream(path, { highWaterMark: 256 << 10 });
  await piped(source, unpacker, (chunk) => out.write(chunk));
  return source.bytesRead - unpacker.bytesWritten;
}

/** Every unpacked piece, in turn. What `take` throws ends it. */
export async function piped(
  source: Readable,
  unpacker: Transform,
  take: (chunk: Buffer) => void,
): Promise<void> {
  let failure: unknown; // `pipeline` would report that it was aborted, and not why
  try {
    await pipeline(source, unpacker, async (chunks: AsyncIterable<Buffer>) => {
      try {
        for await (const chunk of chunks) take(chunk);
      } catch (error) {
        failure = error;
        throw error;
      }
    });
  } catch (error) {
    throw failure ?? error;
  }
}
