/**
 * A note that npm is running in a clone, `.rxaug/installing`. It stays if the set-up is killed, so the next set-up knows
 * that node_modules is incomplete, and can wait for an npm that is still running: two in one folder damage each other's
 * work.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './say.mjs';

/** Seconds to wait for an npm that is still running. */
const patience = 900;

export function installing(root) {
  const file = path.join(root, '.rxaug', 'installing');
  return {
    /** Whether what npm writes at its end was written after the note, or there is no note. */
    isOlderThan(written) {
      const [begun, ended] = [file, written].map((at) => fs.statSync(at, { throwIfNoEntry: false })?.mtimeMs);
      return begun === undefined || (ended !== undefined && ended > begun);
    },
    /** `pid` is that of npm. */
    set(pid) {
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, `${os.hostname()} ${pid}`);
    },
    clear: () => fs.rmSync(file, { force: true }),
    /** Waits until the noted npm has ended. */
    async otherEnds() {
      const pid = noted(file);
      for (let waited = 0; pid !== undefined && isAtWork(pid, root) && waited < patience; waited += 0.3) {
        if (waited === 0)
          say(`npm ci of a set-up that was killed is still at work (process ${pid}); waiting for it`);
        await sleep(300);
      }
    },
  };
}

/** The process on this machine, if there is a note of one. */
function noted(file) {
  try {
    const [host, pid] = fs.readFileSync(file, 'utf8').split(' ');
    return host === os.hostname() && Number(pid) > 0 ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process runs and, if the system shows it, works in this clone: its id may have been reused. */
function isAtWork(pid, root) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
  }
  if (!fs.existsSync('/proc/self/cwd')) return true;
  try {
    // A process that has ended and is not waited for has no folder.
    return fs.readlinkSync(`/proc/${pid}/cwd`) === fs.realpathSync(root);
  } catch {
    return false;
  }
}
