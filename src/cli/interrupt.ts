/** The first Ctrl-C (or SIGTERM) asks the work to stop cleanly, the second stops it at once. */
import { Interrupted } from './exit.js';

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Name = keyof typeof CODES;

/** Runs work with a signal that aborts on Ctrl-C; work that was stopped ends as `Interrupted`, whatever it returned. */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { stopping = 'stopping; once more to stop at once' }: { stopping?: string } = {},
): Promise<T> {
  const controller = new AbortController();
  let code: number = CODES.SIGINT;
  const on = (name: Name) => {
    if (controller.signal.aborted) process.exit(CODES[name]);
    code = CODES[name];
    process.stderr.write(`\nrxaug: ${stopping}\n`);
    controller.abort();
  };
  const names = Object.keys(CODES) as Name[];
  for (const name of names) process.on(name, on);
  try {
    const result = await work(controller.signal);
    if (controller.signal.aborted) throw new Interrupted('interrupted', code);
    return result;
  } catch (error) {
    // A failure during the stop counts as stopped.
    if (controller.signal.aborted && (error as Error)?.name === 'AbortError')
      throw new Interrupted('interrupted', code);
    throw error;
  } finally {
    for (const name of names) process.off(name, on);
  }
}
