/** Training steps traced on this machine, as bench/gpu/programs.mjs reads them. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Each in a process of its own, which gives its memory back. */
export function tracePrograms(root, folder, names, log) {
  for (const name of names) {
    log(`tracing ${name}`);
    const child = spawnSync(process.execPath, [join(root, 'bench/gpu/trace.mjs'), name, folder], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (child.status !== 0)
      throw new Error(
        `bundle: the step of ${name} could not be traced (${child.signal ?? `code ${child.status}`}); see above`,
      );
  }
}
