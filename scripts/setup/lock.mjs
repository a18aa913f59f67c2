/**
 * One at a time, across processes and machines that share a folder: the lock is a folder that its holder
 * touches every two seconds. A holder that is gone, or has not touched it for half a minute, has lost it.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const staleAfter = 30_000;

export async function withLock(folder, work, onWait = () => {}) {
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  let waited = false;
  while (!take(folder)) {
    if (isStale(folder)) {
      // Only one of several that wait can rename it away.
      const aside = `${folder}.${process.pid}.${Date.now()}`;
      try {
        fs.renameSync(folder, aside);
        fs.rmSync(aside, { recursive: true, force: true });
      } catch {}
      continue;
    }
    if (!waited) onWait();
    waited = true;
    await sleep(300);
  }
  const touch = setInterval(() => {
    try {
      fs.utimesSync(folder, new Date(), new Date());
    } catch {}
  }, 2000);
  touch.unref();
  const release = () => fs.rmSync(folder, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    process.off('exit', release);
    release();
  }
}

function take(folder) {
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  fs.writeFileSync(path.join(folder, 'holder'), `${os.hostname()} ${process.pid}`);
  return true;
}

function isStale(folder) {
  let age;
  let holder = '';
  try {
    age = Date.now() - fs.statSync(folder).mtimeMs;
    holder = fs.readFileSync(path.join(folder, 'holder'), 'utf8');
  } catch {}
  if (age === undefined) return false; // released this moment
  if (age > staleAfter) return true;
  const [host, pid] = holder.split(' ');
  if (host !== os.hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
