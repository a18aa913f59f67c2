/**
 * Places where tests kill the work, to show that what was started is finished or undone: `RXAUG_FAULT=renamed:3` kills this
 * process and all of its group when `renamed` is passed for the third time, as a power cut would. Without the variable
 * nothing happens.
 */
const [place, passage] = (process.env.RXAUG_FAULT ?? '').split(':');
let left = Number(passage ?? 1);

export function faultPoint(name: string): void {
  if (place === undefined || name !== place || --left > 0) return;
  process.kill(0, 'SIGKILL');
  // The signal is on its way: nothing more is done.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
}
