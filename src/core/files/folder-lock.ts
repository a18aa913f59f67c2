/**
 * One writer for a folder. Each process that wants it puts a file with a name of its own into it, and then looks who else
 * did: of two that come at the same time at least one sees the other. A single file for all could not be taken over safely
 * from a process that died: between seeing that it is dead and removing its file, another may have put its own in its place.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { UsageError } from '../errors.js';
import { printable } from '../printable.js';
import { fileReason, writeError } from './file-errors.js';
import { makeFolder } from './make-folder.js';
import { HOST, isRunning, lifeOf } from './process-owner.js';
import { dropTemporary } from './temporary-file.js';

/** `.rxaug-lock-HOST-PID-LIFE-RANDOM` */
const NAME = /^\.rxaug-lock-([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-[0-9a-f]{8}$/;

/** Milliseconds between signs of life. */
const SIGN = 15_000;
/** Milliseconds without a sign of life after which a process of another machine, which cannot be asked, counts as dead. */
const ABANDONED = 300_000;

/** Of two that came at the same time both may step back: they try again, after a random time of up to `WAIT` milliseconds. */
const [ATTEMPTS, WAIT] = [8, 120];
/** Milliseconds after which a lock is no longer just being taken. */
const SETTLED = 2000;

/** A folder that is ours until `dispose`. */
export interface FolderLock {
  /** Whether it still is: false once somebody removed the lock or the folder. To be asked before each result is written. */
  isStillOurs(): boolean;
  /** Lets go of it; may be called again. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * Makes the folder and takes it for this process, also against other calls in it. Locks that dead processes left are
 * removed; a process of another machine counts as dead after five minutes without a sign of life. A process that ends
 * without `dispose` leaves a small hidden file, which the next one removes.
 *
 * @param what - who asks, for the error: 'search'
 * @throws {UsageError} if another process has it, and RxaugError if the folder cannot be written
 */
export function lockFolder(dir: string, what: string): FolderLock {
  makeFolder(dir);
  for (let attempt = 1; ; attempt++) {
    const file = path.join(dir, nameOfOwn());
    const started = begin(file, what);
    const others = living(dir, path.basename(file), started);
    if (others.length === 0) return held(file);
    rmSync(file, { force: true });
    const [other] = others as [Other];
    if (attempt === ATTEMPTS || other.age > SETTLED) throw taken(dir, what, other);
    sleep(Math.random() * WAIT);
  }
}

const nameOfOwn = () =>
  `.rxaug-lock-${HOST}-${process.pid}-${lifeOf(process.pid)}-${randomBytes(4).toString('hex')}`;

/** Puts our file there; when, by the clock of the disk. */
function begin(file: string, what: string): number {
  try {
    const about = { what, host: os.hostname(), pid: process.pid, since: new Date().toISOString() };
    writeFileSync(file, `${JSON.stringify(about)}\n`, { flag: 'wx' });
    return statSync(file).mtimeMs;
  } catch (error) {
    dropTemporary(file);
    throw writeError(path.dirname(file), error);
  }
}

function held(file: string): FolderLock {
  const timer = setInterval(() => {
    try {
      // Written again as it is: that way the time is by the clock of the disk, whichever machine has it.
      writeFileSync(file, readFileSync(file), { flag: 'r+' });
    } catch {
      // It was removed, which `isStillOurs` reports, or the disk is gone, which the next result reports.
    }
  }, SIGN);
  timer.unref();
  let gone = false;
  const dispose = () => {
    if (gone) return;
    gone = true;
    clearInterval(timer);
    dropTemporary(file);
  };
  return { isStillOurs: () => !gone && existsSync(file), dispose, [Symbol.dispose]: dispose };
}

/** A process that has the folder, or is about to. */
interface Other {
  readonly file: string;
  readonly host: string;
  readonly pid: number;
  /** Milliseconds since its last sign of life. */
  readonly age: number;
}

/** All others, the one that came first at the front; files of dead ones are removed. */
function living(dir: string, own: string, now: number): Other[] {
  const others: Other[] = [];
  for (const name of list(dir)) {
    const found = NAME.exec(name);
    if (!found || name === own) continue;
    const [, host = '', pid, life = ''] = found;
    const file = path.join(dir, name);
    const age = ageOf(file, now);
    if (age === undefined) continue; // it has just let go
    const alive = host === HOST ? isRunning(Number(pid), life) : age < ABANDONED;
    if (alive) others.push({ file, host, pid: Number(pid), age });
    else rmSync(file, { force: true });
  }
  return others.sort((a, b) => b.age - a.age);
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    throw new UsageError(
      `${dir}: cannot be listed (${fileReason(error)}); change its permissions or choose another folder`,
      { cause: error },
    );
  }
}

function ageOf(file: string, now: number): number | undefined {
  const there = statSync(file, { throwIfNoEntry: false });
  return there && now - there.mtimeMs;
}

function taken(dir: string, what: string, { file, host, pid }: Other): UsageError {
  const { what: work, host: name, since } = aboutOf(file);
  const where = host === HOST ? '' : ` of ${name ? `machine ${printable(name, 60)}` : 'another machine'}`;
  const who = host === HOST && pid === process.pid ? `this process (${pid})` : `process ${pid}${where}`;
  const doing = `${work ? ` (${printable(work, 60)})` : ''}${since ? ` since ${printable(since, 30)}` : ''}`;
  const dead = host === HOST ? '' : `, remove ${file} if that process is dead`;
  return new UsageError(
    `${what}: expected ${dir} for this process alone but ${who}${doing} works in it; wait until it is done, end it${dead}, or choose another folder`,
  );
}

/** What a lock says of its owner; it may be gone by now. */
function aboutOf(file: string): Readonly<Record<'what' | 'host' | 'since', string | undefined>> {
  let about: Record<string, unknown> = {};
  try {
    about = Object(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Gone, or not written yet: its name holds the rest.
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { what: text(about.what), host: text(about.host), since: text(about.since) };
}

const sleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
