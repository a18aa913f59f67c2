/** Resuming from a checkpoint: finds the file, checks that it fits the task, and loads it. */
import { access } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { RxaugError, show, UsageError } from '../../core/index.js';
import { throughJson } from '../../core/json.js';
import { type Checkpoint, loadCheckpoint, type Progress } from '../state/checkpoint.js';
import { shapeMismatch } from '../state/shape-mismatch.js';
import { disposeState, flatten, type State } from '../state/tensors.js';
import type { Task, TaskFor } from '../task.js';
import { savedOptions } from './option-changes.js';
import { type Position, positionOf } from './position.js';

export interface Resumed<T extends Task> {
  readonly path: string;
  readonly task: T;
  readonly state: State;
  readonly progress: Progress;
  readonly position: Position;
  /** The state of the best epoch so far, if it is restored at the end. */
  readonly best?: State;
}

export const lastFile = (dir: string) => path.join(dir, 'last.ckpt');
export const bestFile = (dir: string) => path.join(dir, 'best.ckpt');

interface ResumeOptions {
  /** true: from the last checkpoint of the folder, if there is one; a path: from that file. */
  readonly resume: boolean | string;
  readonly checkpoint?: { readonly dir: string };
  readonly seed: number;
  readonly epochs?: number;
  readonly earlyStopping?: { readonly restore: boolean };
}

export async function resumeFrom<T extends Task>(
  taskFor: TaskFor<T>,
  { resume, checkpoint, seed, epochs, earlyStopping }: ResumeOptions,
): Promise<Resumed<T> | undefined> {
  if (resume === false) return undefined;
  if (resume === true && !checkpoint) {
    throw new UsageError(
      'resume: expected a folder of checkpoints; give checkpoint: { dir }, or the path of a file',
    );
  }
  const file = typeof resume === 'string' ? resume : lastFile((checkpoint as { dir: string }).dir);
  if (resume === true && !(await exists(file))) return undefined; // the first run of a job
  const loaded = await loadCheckpoint(file);
  try {
    const task = taskFor(loaded.look);
    refuseAnother(loaded, task, seed);
    const { state, path: _, ...progress } = loaded;
    const position = positionOf(file, progress, epochs);
    const best = earlyStopping?.restore && progress.best ? await bestState(file, loaded, task) : undefined;
    return { path: file, task, state, progress, position, best };
  } catch (error) {
    disposeState(loaded.state);
    throw error;
  }
}

async function bestState(file: string, { best, seed }: Progress, task: Task): Promise<State> {
  const loaded = await loadCheckpoint(bestFile(path.dirname(file)));
  try {
    refuseAnother(loaded, task, seed);
    if (loaded.best?.epoch === best?.epoch) return loaded.state;
    throw new RxaugError(
      `checkpoint ${loaded.path}: is of epoch ${loaded.best?.epoch}, not of ${best?.epoch}, the best one of ${file}; use the files of one run`,
    );
  } catch (error) {
    disposeState(loaded.state);
    throw error;
  }
}

/** What a checkpoint says of what was trained. */
export function subjectOf({
  identity,
  options,
  spec,
}: Task): Pick<Progress, 'identity' | 'options' | 'look'> {
  const saved = savedOptions(options);
  return {
    identity,
    ...(saved && { options: saved }),
    look: { input: [...spec.input], classes: [...spec.classes] },
  };
}

/** Throws if a checkpoint holds another task. */
export function refuseAnother(checkpoint: Checkpoint, task: Task, seed: number): void {
  const { path: file, identity, state } = checkpoint;
  for (const key of new Set([...Object.keys(identity), ...Object.keys(task.identity)])) {
    // Through JSON like the file, because JSON has no undefined.
    const mine = throughJson(task.identity[key] ?? null);
    if (isDeepStrictEqual(identity[key] ?? null, mine)) continue;
    throw new RxaugError(
      `checkpoint ${file}: holds ${key} ${show(identity[key])}, not ${show(mine)}; resume with the same model and options, or start in another folder`,
    );
  }
  const fresh = task.init({ a: 0, b: 0 });
  try {
    const wrong = shapeMismatch(flatten(state), flatten(fresh));
    if (wrong) throw new RxaugError(`checkpoint ${file}: ${wrong}; it belongs to another model`);
  } finally {
    disposeState(fresh);
  }
  if (checkpoint.seed !== seed) {
    throw new RxaugError(
      `checkpoint ${file}: was made with seed ${checkpoint.seed}, not ${seed}; use the same seed to continue`,
    );
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
