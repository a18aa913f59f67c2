/** The cache of libraries shared by clones. Entries are complete or absent. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { say } from './say.mjs';

export function cacheFolder(root, env = process.env) {
  const home = env.RXAUG_CACHE || path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'rxaug');
  const wanted = path.resolve(home);
  try {
    fs.mkdirSync(wanted, { recursive: true });
    fs.accessSync(wanted, fs.constants.W_OK);
    return wanted;
  } catch {
    return path.join(root, '.rxaug', 'cache'); // a home that cannot be written to
  }
}

/** The folder of an entry, if it exists. An entry is complete or absent. */
export function cached(cache, name) {
  const entry = path.join(cache, name);
  return fs.existsSync(path.join(entry, 'origin.json')) ? entry : undefined;
}

/**
 * The entry, made if it does not exist: `make(folder)` fills a folder and returns a record of its origin, or throws. One
 * process makes it while others wait.
 */
export async function makeCached(cache, name, make) {
  const entry = path.join(cache, name);
  const waiting = () => say(`another set-up is making ${name}; waiting for it`);
  return withLock(
    `${entry}.lock`,
    async () => {
      if (cached(cache, name)) return entry;
      for (const left of fs.readdirSync(path.dirname(entry))) {
        // Left by a set-up that was killed: this process holds the lock, so no other one works there.
        if (left.startsWith(`${path.basename(name)}.part`))
          fs.rmSync(path.join(path.dirname(entry), left), { recursive: true });
      }
      const part = `${entry}.part-${process.pid}`;
      try {
        fs.mkdirSync(part, { recursive: true });
        const origin = await make(part);
        fs.writeFileSync(path.join(part, 'origin.json'), `${JSON.stringify(origin, null, 2)}\n`);
        fs.rmSync(entry, { recursive: true, force: true });
        fs.renameSync(part, entry);
      } finally {
        fs.rmSync(part, { recursive: true, force: true });
      }
      return entry;
    },
    waiting,
  );
}
