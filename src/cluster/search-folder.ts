/**
 * What a search shares with its workers, as files in its folder: its description, each training to do, and its result. A job
 * in the queue is only a number, so a worker does what these files hold and nothing else.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { AwayError } from '../core/files/away-error.js';
import { fileReason } from '../core/files/file-errors.js';
import { jsonDigest } from '../core/files/json-digest.js';
import { replaceFile, writeSafely } from '../core/files/write-file.js';
import { messageOf, RxaugError, show, UsageError } from '../core/index.js';
import { fromJson, throughJson, toJson } from '../core/json.js';
import type { Fence } from '../search/fence.js';
import type { Result, Task } from '../search/tasks.js';

const FOLDER = 'queue';
/** The description of a search with a queue. */
export const SEARCH = `${FOLDER}/search.json`;

const aboutSchema = z.strictObject({
  /** What determines policies and figures; workers compare their pipeline and data with it. */
  identity: z.record(z.string(), z.unknown()),
  /** Path of the script, settings, and where it was started: workers load the same. */
  pipeline: z.string(),
  set: z.array(z.string()),
  cwd: z.string(),
  seed: z.number(),
  strategy: z.string(),
  /** One that does not exist is refused where it is loaded. */
  backend: z.string(),
  /** What else determines figures. */
  versions: z.record(z.string(), z.string()),
});
export type SharedSearch = z.output<typeof aboutSchema>;

const taskSchema = z.strictObject({
  of: z.string(),
  number: z.number(),
  /** For messages. */
  name: z.string(),
  /** Folders are relative to that of the search, which may be mounted elsewhere. */
  task: z.looseObject({ kind: z.enum(['measure', 'score', 'trial']) }),
});
const resultSchema = z.strictObject({ of: z.string(), number: z.number(), result: z.unknown() });

/** Tasks that workers do. */
export type FarTask = Extract<Task, { readonly kind: 'measure' | 'score' | 'trial' }>;

/** The folder of a search, for one description of it. */
export class SearchFolder {
  private readonly known = new Map<string, number>();
  private next = 0;

  private constructor(
    private readonly out: string,
    readonly about: SharedSearch,
    /** Of the description. */
    readonly digest: string,
  ) {}

  /** Writes the description, and finds the trainings of an earlier run. */
  static begin(out: string, given: SharedSearch): SearchFolder {
    const about = aboutSchema.parse(throughJson(given)); // as it will be read
    const folder = new SearchFolder(out, about, jsonDigest(about));
    replaceFile(join(out, SEARCH), sealed(about));
    const names = existsSync(folder.dir) ? readdirSync(folder.dir) : [];
    for (const name of names) {
      const number = /^(\d+)\.task\.json$/.exec(name)?.[1];
      if (number === undefined) continue;
      const { task } = folder.read(Number(number));
      folder.next = Math.max(folder.next, Number(number) + 1);
      folder.known.set(jsonDigest(task), Number(number));
    }
    return folder;
  }

  /** @throws RxaugError where there is no search, or not a whole one */
  static open(out: string): SearchFolder {
    const about = unsealed(join(out, SEARCH), aboutSchema);
    return new SearchFolder(out, about, jsonDigest(about));
  }

  /** The number of a training: that of an earlier run where it had the same, whose result then counts. */
  add(task: FarTask, name: string, fence: Fence): number {
    const own = moved(task, (dir) => relative(this.out, dir).split(sep).join('/'));
    const digest = jsonDigest(taskSchema.shape.task.parse(throughJson(own)));
    // A measurement depends on the moment.
    const before = task.kind === 'measure' ? undefined : this.known.get(digest);
    if (before !== undefined) return before;
    const number = this.next++;
    this.known.set(digest, number);
    fence();
    replaceFile(this.file(number, 'task'), sealed({ of: this.digest, number, name, task: own }));
    return number;
  }

  /** @throws UsageError if there is no training of this number */
  nameOf(number: number): string {
    return this.read(number).name;
  }

  task(number: number): FarTask {
    const { task } = this.read(number);
    return moved(task as unknown as FarTask, (dir) => {
      const inside = resolve(this.out, dir);
      if (inside.startsWith(resolve(this.out) + sep)) return inside;
      throw new UsageError(
        `${this.file(number, 'task')}: expected a folder in that of the search but received ${show(dir)}; search into another folder`,
      );
    });
  }

  /** Undefined while there is none. */
  result(number: number): Result | undefined {
    const file = this.file(number, 'result');
    if (!existsSync(file)) return undefined;
    return this.own(file, number, unsealed(file, resultSchema)).result as Result;
  }

  /** Writes a result durably. Where two workers did the same training the first result counts, and the second removes its checkpoints. */
  async finish(number: number, result: Result): Promise<void> {
    const file = this.file(number, 'result');
    if (existsSync(file)) {
      const checkpoints = checkpointsOf(this.task(number));
      if (checkpoints) rmSync(checkpoints, { recursive: true, force: true, maxRetries: 5 });
      return;
    }
    await writeSafely(file, [Buffer.from(sealed({ of: this.digest, number, result }))]);
  }

  private read(number: number): z.output<typeof taskSchema> {
    const file = this.file(number, 'task');
    if (!existsSync(file))
      throw new UsageError(
        `queue: there is no training ${number} in ${this.dir}; enqueue by rxaug search --queue only`,
      );
    return this.own(file, number, unsealed(file, taskSchema));
  }

  private own<T extends { readonly of: string; readonly number: number }>(
    file: string,
    number: number,
    read: T,
  ): T {
    if (read.of === this.digest && read.number === number) return read;
    throw new RxaugError(`${file}: is of another search or training; search into another folder`);
  }

  private get dir(): string {
    return join(this.out, FOLDER, this.digest.slice(0, 16));
  }

  private file(number: number, what: 'task' | 'result'): string {
    return join(this.dir, `${number}.${what}.json`);
  }
}

function checkpointsOf(task: FarTask): string | undefined {
  if (task.kind === 'trial') return task.dir;
  return task.kind === 'score' ? join(task.of.dir, task.candidate.name) : undefined;
}

/** A task with its folder mapped by `to`. */
function moved(task: FarTask, to: (dir: string) => string): FarTask {
  if (task.kind === 'trial') return { ...task, dir: to(task.dir) };
  if (task.kind === 'score') return { ...task, of: { ...task.of, dir: to(task.of.dir) } };
  return task;
}

const sealed = (value: object): string => {
  const whole = throughJson(value) as object;
  return `${toJson({ ...whole, sha256: jsonDigest(whole) }, 2)}\n`;
};

function unsealed<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = `cannot be read (${fileReason(error)})`;
    throw new AwayError(file, reason, 'bring its folder back, then continue the search with --resume');
  }
  let kept: unknown;
  try {
    kept = fromJson(text);
  } catch (error) {
    throw new RxaugError(
      `${file}: is not JSON (${messageOf(error)}); remove it, then continue the search with --resume`,
    );
  }
  const { sha256, ...rest } = Object(kept) as Record<string, unknown>;
  const parsed = schema.safeParse(rest);
  if (parsed.success && sha256 === jsonDigest(rest)) return parsed.data;
  throw new RxaugError(
    `${file}: was not written by rxaug search, or changed afterwards; remove it, then continue the search with --resume`,
  );
}
