/** One remote file to its place in the cache: in parts where the server gives them, else in one stream. */
import { writeError } from '../../core/files/file-errors.js';
import { RxaugError } from '../../core/index.js';
import { codeOf } from '../problems.js';
import { each, type Gate } from './gate.js';
import { PART, Partial } from './partial.js';
import { type Clock, patiently } from './patience.js';
import type { CacheEntry } from './remote-cache.js';
import { ChangedError, type RemoteInfo, type RemoteSource } from './source.js';

export interface Download {
  readonly source: RemoteSource;
  readonly info: RemoteInfo;
  readonly entry: CacheEntry;
  /** Bounds the requests of all downloads together. */
  readonly gate: Gate;
  readonly connections: number;
  /** Of a file whose length the server does not give. */
  readonly maxBytes: number;
  readonly time: Clock;
  readonly signal: AbortSignal;
  /** Called with bytes that are new, and with fewer than 0 where a stream starts again. */
  readonly onBytes: (more: number) => void;
  readonly part?: number;
}

/** @throws RxaugError if it cannot be fetched; what was fetched in parts stays for the next time */
export async function download(given: Download): Promise<void> {
  const { source, info, entry } = given;
  const partial = await writing(entry, () => Partial.open(entry, given.part));
  try {
    if (info.ranges && info.bytes !== undefined) await inParts(given, partial, info.bytes);
    else await inOne(given, partial);
    const { size } = await partial.handle.stat();
    if (info.bytes !== undefined && size !== info.bytes)
      throw new RxaugError(`${source.name}: ${size} bytes came and not ${info.bytes}; check the server`);
    await writing(entry, () => partial.finish());
  } catch (error) {
    // After a change of the source, and what was not in parts, the bytes are of no use.
    const kept = info.ranges && !(error instanceof ChangedError);
    await (kept ? partial.leave() : partial.drop());
    throw error;
  }
}

async function inParts(given: Download, partial: Partial, bytes: number): Promise<void> {
  const { source, info, entry, gate, time, onBytes, part = PART } = given;
  const stop = new AbortController();
  const signal = AbortSignal.any([given.signal, stop.signal]);
  await writing(entry, () => partial.handle.truncate(bytes));
  const sizeOf = (n: number) => Math.min(part, bytes - n * part);
  const all = Array.from({ length: Math.ceil(bytes / part) }, (_, n) => n);
  for (const n of all) if (partial.done.has(n)) onBytes(sizeOf(n));
  const missing = all.filter((n) => !partial.done.has(n));
  await each(missing, given.connections, (n) =>
    gate.run(async () => {
      let got = 0;
      try {
        await patiently(source.name, time, signal, async (progress) => {
          const from = n * part + got;
          for await (const piece of source.read(info, from, sizeOf(n) - got, signal)) {
            await write(entry, partial, piece, n * part + got);
            got += piece.length;
            onBytes(piece.length);
            progress();
          }
        });
        await writing(entry, () => partial.complete(n));
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }),
  );
}

async function inOne(given: Download, partial: Partial): Promise<void> {
  const { source, info, entry, gate, time, signal, onBytes, maxBytes } = given;
  await gate.run(() =>
    patiently(source.name, time, signal, async () => {
      let got = 0;
      try {
        await writing(entry, () => partial.handle.truncate(0));
        for await (const piece of source.read(info, 0, undefined, signal)) {
          if (got + piece.length > maxBytes) throw tooLarge(source.name, undefined, maxBytes);
          await write(entry, partial, piece, got);
          got += piece.length;
          onBytes(piece.length);
        }
      } catch (error) {
        onBytes(-got);
        throw error;
      }
    }),
  );
}

export function tooLarge(name: string, bytes: number | undefined, most: number): RxaugError {
  return new RxaugError(
    `${name}: it has ${bytes === undefined ? '' : `${bytes} bytes, `}more than ${most} bytes; raise download: { maxFileBytes } if you want it`,
  );
}

async function write(entry: CacheEntry, partial: Partial, piece: Uint8Array, at: number): Promise<void> {
  await writing(entry, async () => {
    for (let done = 0; done < piece.length; )
      done += (await partial.handle.write(piece, done, piece.length - done, at + done)).bytesWritten;
  });
}

/** The disk here failed, not the file elsewhere: no other file fares better. */
export class DiskError extends RxaugError {}

/** Errors of the disk as one sentence. */
async function writing<T>(entry: CacheEntry, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new DiskError(writeError(entry.file, error).message, { cause: error });
  }
}
