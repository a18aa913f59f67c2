/**
 * Passes numbers between the host and its process through deleted files: one side writes, the other reads, and the data
 * stays in the page cache. Messages carry only positions. A pipe would copy the numbers six times in pieces of 64 kB, and
 * onnxruntime-node takes no shared memory. A file is deleted as soon as it is open, so nothing is left behind.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { messageOf, RxaugError } from '../../core/index.js';
import { type Placed, sizeOf, type Tensor, type Values } from './protocol.js';

/** The two files of a request: one for its inputs, one for its outputs. */
export interface Lane {
  readonly there: number;
  readonly back: number;
}

/** Maximum of one call; Linux moves at most 2 GiB minus a page. */
const MOST = 2 ** 30;

export function openLanes(count: number): Lane[] {
  const files: number[] = [];
  try {
    for (let i = 0; i < 2 * count; i++) files.push(openNameless());
  } catch (error) {
    for (const file of files) closeSync(file);
    throw error;
  }
  return Array.from({ length: count }, (_, i) => ({ there: files[2 * i], back: files[2 * i + 1] }));
}

export function closeLanes(lanes: readonly Lane[]): void {
  for (const file of lanes.flatMap(({ there, back }) => [there, back])) closeSync(file);
}

/** In the process: the files it inherits, after the channel, in the order of the lanes. */
export function inheritedLane(index: number): Lane {
  return { there: 4 + 2 * index, back: 5 + 2 * index };
}

function openNameless(): number {
  const file = path.join(os.tmpdir(), `rxaug-${process.pid}-${randomUUID()}`);
  try {
    const opened = openSync(file, 'wx+', 0o600);
    unlinkSync(file);
    return opened;
  } catch (error) {
    const full = (error as NodeJS.ErrnoException).code === 'EMFILE';
    const fix = full
      ? 'close files, raise the limit of open files (ulimit -n), or take a smaller queue'
      : 'set TMPDIR to a folder that can be written to';
    throw new RxaugError(`onnxModel: no temporary file can be made (${messageOf(error)}); ${fix}`, {
      cause: error,
    });
  }
}

/** Writes tensors one after the other from the start of the file. */
export function place(file: number, tensors: Readonly<Record<string, Tensor>>): Record<string, Placed> {
  let at = 0;
  // From entries, because a file may name a port '__proto__'.
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data, dims }]) => {
      const start = at;
      move(data, start, (length, from, position) => writeSync(file, data, from, length, position));
      at += data.byteLength;
      return [name, { at: start, dims }];
    }),
  );
}

/** Reads into `room`, which must have as many numbers as the dims. */
export function collect(file: number, { at, dims }: Placed, room: Values): Tensor {
  if (sizeOf(dims) !== room.length) throw new RangeError(`${sizeOf(dims)} numbers into ${room.length}`);
  move(room, at, (length, from, position) => readSync(file, room, from, length, position));
  return { data: room, dims };
}

function move(
  { byteLength }: Values,
  at: number,
  some: (length: number, from: number, position: number) => number,
): void {
  for (let done = 0; done < byteLength; ) {
    const moved = some(Math.min(MOST, byteLength - done), done, at + done);
    if (moved === 0) throw new Error('the numbers end early');
    done += moved;
  }
}
