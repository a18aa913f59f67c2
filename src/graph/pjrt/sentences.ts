/** Failures of a plugin, each in one sentence with the way out. */
import { RxaugError, show } from '../../core/index.js';
import { PjrtError, RESOURCE_EXHAUSTED } from './api.js';

/** Characters of a compiler's message. */
const MOST = 600;
const LINES = 3;

const OUT_OF_MEMORY = /RESOURCE_EXHAUSTED|out of memory|failed to allocate|CUDA_ERROR_OUT_OF_MEMORY/i;
const NO_DRIVER =
  /CUDA_ERROR_NO_DEVICE|CUDA_ERROR_SYSTEM_DRIVER|no visible (gpu )?device|no (supported )?devices? found|cuInit|libcuda|nvidia driver|hipErrorNoDevice|no GPU/i;

export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof PjrtError && (error.code === RESOURCE_EXHAUSTED || OUT_OF_MEMORY.test(error.message));

/** The first lines, without what repeats itself. */
export function firstLines(message: string): string {
  const lines = message
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const text = [...new Set(lines)].slice(0, LINES).join(' ');
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
}

const saying = (error: unknown): string =>
  firstLines(error instanceof Error ? error.message : String(error)) || 'it gives no reason';

export function clientSentence(file: string, error: unknown): RxaugError {
  const why = saying(error);
  const fix = isOutOfMemory(error)
    ? 'end other programs on the device, or leave preallocate out of options, or set memory_fraction lower'
    : NO_DRIVER.test(why)
      ? "install the device's driver, or run rxaug setup --xla cpu"
      : 'check its options and the driver (rxaug doctor lists plugins), or take another plugin';
  return new RxaugError(`PJRT plugin ${file}: it cannot start (${why}); ${fix}`, { cause: error });
}

/** @param text of the program; the line that the compiler names is quoted */
export function compileSentence(program: string, text: string, error: unknown): RxaugError {
  const said = saying(error);
  const at = /-:(\d+):\d+: error/.exec(said)?.[1];
  const line = at === undefined ? undefined : text.split('\n')[Number(at) - 1]?.trim();
  const why = line ? `${said} line ${at} is ${show(line)}` : said;
  const fix = isOutOfMemory(error)
    ? 'use a smaller batch or a smaller model'
    : "report it with the program's text, or train with another backend";
  return new RxaugError(`PJRT program '${program}': it does not compile (${why}); ${fix}`, { cause: error });
}

export function runSentence(error: unknown): RxaugError {
  if (error instanceof RxaugError) return error;
  const why = saying(error);
  return new RxaugError(
    isOutOfMemory(error)
      ? `PJRT: the device is out of memory (${why}); use a smaller batch or a smaller model`
      : `PJRT: the run failed (${why}); set the state anew from the last checkpoint, or train with another backend`,
    { cause: error },
  );
}
