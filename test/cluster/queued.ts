/** What tests of queued preparations share: a pipeline over a few images, processes in groups of their own, trees of bytes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Draws, fold, keyOf } from '../../src/core/index.js';
import { encodeImage } from '../../src/io/encode.js';

const cli = join(import.meta.dirname, '../../dist/cli/main.js');

/** Short locks, so that the jobs of killed workers come back within seconds. */
export const TIMES = { RXAUG_QUEUE_LOCK: '3', RXAUG_QUEUE_STALLED: '2', RXAUG_QUEUE_LOOK: '0.2' };

/** Writes images and a pipeline that makes about `shards` shards of them; gives the path of the pipeline. */
export async function pipelineIn(root: string, shards: number, side: number): Promise<string> {
  const photos = join(root, 'photos');
  for (let i = 0; i < 2 * shards; i++) {
    const draws = new Draws(fold(keyOf(5), i));
    const data = new Uint8Array(side * side * 3);
    for (let at = 0; at < data.length; at++) data[at] = ((at >> 5) % 120) + draws.int(100);
    const folder = join(photos, i % 2 === 0 ? 'cat' : 'dog');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${i}.jpg`), await encodeImage({ data, width: side, height: side }, 'jpeg'));
  }
  const script = join(root, 'pipeline.mjs');
  const index = new URL('../../dist/index.js', import.meta.url).href;
  const face = new URL('../../dist/faces/prepare.js', import.meta.url).href;
  writeFileSync(
    script,
    `import { definePipeline, horizontalFlip, imageFolder, batch, rotate } from ${JSON.stringify(index)};
import { openSource } from ${JSON.stringify(face)};
export default definePipeline({
  name: 'queued',
  settings: {},
  prepare: () => ({
    source: openSource(${JSON.stringify(photos)}),
    split: { train: 0.75, val: 0.25 },
    augment: [rotate(20), horizontalFlip()],
    augmented: ['train', 'val'],
    copies: 4,
    encode: { format: 'png' },
    shardSize: 8,
  }),
  batches: () => imageFolder(${JSON.stringify(photos)}).pipe(batch(4)),
});
`,
  );
  return script;
}

const started = new Set<Running>();

/** Ends all commands that this file started. */
export function killAll(): void {
  for (const running of started) running.signal('SIGKILL');
}

/** A command that runs in a group of its own, so that it can be ended as by a power cut. */
export class Running {
  text = '';
  /** By `kill`. */
  killed = false;
  /** Ends itself somewhere. */
  readonly faulty: boolean;
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly text: string }>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string) {
    started.add(this);
    this.faulty = env.RXAUG_FAULT !== undefined;
    this.child = spawn(process.execPath, [cli, ...args], {
      detached: true,
      cwd,
      env: { ...process.env, ...TIMES, ...env },
    });
    for (const pipe of [this.child.stdout, this.child.stderr])
      pipe?.on('data', (piece) => (this.text += piece));
    this.ended = new Promise((done) => this.child.once('close', (code) => done({ code, text: this.text })));
  }

  get pid(): number {
    return this.child.pid as number;
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  kill(): void {
    this.killed = true;
    this.signal('SIGKILL');
  }

  /** To all processes of the group. */
  signal(name: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, name);
    } catch {
      // It has ended.
    }
  }
}

/** Digest by path of everything but what belongs to processes. */
export function treeOf(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const name = relative(dir, path);
    if (!entry.isFile() || name.includes('.rxaug-lock')) continue;
    found[name] = createHash('sha256').update(readFileSync(path)).digest('hex');
  }
  return found;
}

/** Shards that are finished. */
export function finished(out: string): string[] {
  const dir = join(out, '.rxaug', 'done');
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => /^[a-z]+-\d{6}\.json$/.test(name))
    .map((name) => name.slice(0, -5));
}

/** The shard that a process of this id is rendering. */
export function rendering(out: string, pid: number): string | undefined {
  const staging = join(out, '.rxaug', 'staging');
  try {
    const own = readdirSync(staging).find((name) => name.split('-')[1] === String(pid));
    const [shard] = own ? readdirSync(join(staging, own)) : [];
    return shard?.slice(0, 'train-000000'.length - (shard.startsWith('val') ? 2 : 0));
  } catch {
    return undefined; // it was removed in between
  }
}

export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  every = 50,
): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries * every > 240_000) throw new Error(`it does not come: ${what}`);
    await new Promise((done) => setTimeout(done, every));
  }
}

export const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
