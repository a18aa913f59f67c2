/** The steps of the set-up, one after the other. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { systemSentence } from './fixes.mjs';
import { withLock } from './lock.mjs';
import { SetupError, say, sayAlways, setQuiet } from './say.mjs';
import { ensureTensorFlow } from './tensorflow.mjs';
import { ensureXla } from './xla.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Returns the exit code. */
export async function setUp({ again = false, augment = false, quiet = false, withBuild = true, xla } = {}) {
  setQuiet(quiet);
  // Installed as a package there is nothing to install or build, and only TensorFlow is left to do.
  const isClone =
    fs.existsSync(path.join(root, 'package-lock.json')) && fs.existsSync(path.join(root, 'src'));
  try {
    const work = async () => {
      if (isClone) await ensureDependencies(root, { optional: !augment });
      if (xla !== undefined) await ensureXla(root, xla);
      else if (!augment) await ensureTensorFlow(root, { again });
      if (isClone && withBuild) {
        const { build } = await import('../build.mjs');
        await build(root);
      }
    };
    await (isClone ? withLock(path.join(root, '.rxaug', 'setup.lock'), work, waiting) : work());
    return 0;
  } catch (error) {
    const sentence = error instanceof SetupError ? error.message : systemSentence(error);
    sayAlways(sentence ?? error?.stack ?? String(error));
    return 1;
  }
}

const waiting = () => say('another set-up is at work in this folder; waiting for it');
