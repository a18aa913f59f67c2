/**
 * Limits the memory of the process that runs a model. The memory a model needs cannot be seen in its file: thirty times
 * `Concat(x, x)`, or a shape computed from data, may need any amount. A thread of that process checks its resident memory
 * while the model is loaded or runs, and ends the process above the limit. It needs its own thread because a run blocks
 * the main thread, and it is in that process because the host may be blocked by a training step. It writes the reason to
 * standard error, where the host reads it.
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/** Indices of the shared Int32Array. */
export const TASK = 0;
export const ANSWERED = 1;

/** Values of TASK; a run is the index of its lane plus 1. */
export const IDLE = 0;
export const LOADING = -1;

export interface WatchdogData {
  readonly state: Int32Array;
  /** Resident bytes. */
  readonly limit: number;
}

/** Why a process was ended. */
export interface OverMemory {
  /** Resident when it was ended. */
  readonly bytes: number;
  /** Of the request that ran; undefined while the model was loaded. */
  readonly lane?: number;
  /** Whether the process had answered other requests, whose memory the runtime may still keep. */
  readonly used: boolean;
}

const PREFIX = 'rxaug: over the memory limit ';

/** Reads what a process wrote to standard error before it ended. */
export function overMemory(text: string): OverMemory | undefined {
  const line = text.split('\n').find((each) => each.startsWith(PREFIX));
  return line === undefined ? undefined : JSON.parse(line.slice(PREFIX.length));
}

/** Interval of checks; memory taken in that time may exceed the limit. */
const MILLISECONDS = 10;
/** Checks without a task before it sleeps. Waking it for each short run would cost more than the run. */
const IDLE_CHECKS = 100;

/** Never returns; a thread ends with its process. */
function watch({ state, limit }: WatchdogData): void {
  const timer = new Int32Array(new SharedArrayBuffer(4));
  for (let idle = 0; ; ) {
    Atomics.wait(timer, 0, 0, MILLISECONDS);
    const task = Atomics.load(state, TASK);
    idle = task === IDLE ? idle + 1 : 0;
    if (idle > IDLE_CHECKS) Atomics.wait(state, TASK, IDLE);
    if (task !== IDLE) look(state, task, limit);
  }
}

function look(state: Int32Array, task: number, limit: number): void {
  const bytes = process.memoryUsage.rss();
  // A run that has ended meanwhile is not the cause.
  if (bytes <= limit || Atomics.load(state, TASK) !== task) return;
  const lane = task === LOADING ? undefined : task - 1;
  const why: OverMemory = { bytes, lane, used: Atomics.load(state, ANSWERED) > 0 };
  try {
    writeSync(2, `\n${PREFIX}${JSON.stringify(why)}\n`);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}

if (workerData) watch(workerData as WatchdogData);
