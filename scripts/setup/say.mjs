/** Prints lines to stderr; stdout stays free for data. */
let quiet = false;
let open = false; // a progress line waits to be overwritten
let lastProgress = 0;

/** A failure whose message says everything; no stack is printed. */
export class SetupError extends Error {}

export function setQuiet(value) {
  quiet = value;
}

export function say(line) {
  if (!quiet) sayAlways(line);
}

export function sayAlways(line) {
  process.stderr.write(`${open ? '\r\x1b[K' : ''}setup: ${line}\n`);
  open = false;
}

/** A line that the next one replaces; in a log, one every ten seconds. */
export function progress(line) {
  if (quiet) return;
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\x1b[Ksetup: ${line}`);
    open = true;
  } else if (Date.now() - lastProgress > 10_000) {
    lastProgress = Date.now();
    process.stderr.write(`setup: ${line}\n`);
  }
}

export function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}
