/**
 * A process of `rxaug prepare` that writes down, shard by shard, how long the shard took and how much of it was for safety:
 * syncing files, giving them their names, writing the mark.
 */
import fs, { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

let safety = 0;
let depth = 0;
const { fsync, fsyncSync } = fs;
fs.fsync = (fd, done) => {
  const from = performance.now();
  fsync(fd, (error) => {
    safety += performance.now() - from;
    done(error);
  });
};
fs.fsyncSync = (fd) => {
  const from = performance.now();
  fsyncSync(fd);
  if (depth === 0) safety += performance.now() - from;
};
syncBuiltinESMExports();

const at = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { LocalStore } = await at('io/store/local-store.js');
const { commit } = LocalStore.prototype;
LocalStore.prototype.commit = async function (...given) {
  const from = performance.now();
  depth++;
  try {
    return await commit.apply(this, given);
  } finally {
    depth--;
    safety += performance.now() - from;
  }
};

/** When the task came. */
let from = performance.now();
const send = process.send.bind(process);
process.send = (message, ...rest) => {
  const { kind, result } = message;
  if (kind === 'result' && result?.files)
    appendFileSync(
      process.env.RXAUG_BENCH_TIMES,
      `${JSON.stringify({ task: (performance.now() - from) / 1000, safety: safety / 1000 })}\n`,
    );
  return send(message, ...rest);
};
// What came before there was a listener is handed to the first one, which must be the process's own.
await at('cli/prepare/child.js');
process.on('message', ({ kind }) => {
  if (kind !== 'task') return;
  from = performance.now();
  safety = 0;
});
