/** Native TensorFlow for @tensorflow/tfjs-node, by the first way that works. */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, cacheFolder } from './cache.mjs';
import { cuda } from './cuda.mjs';
import { setupCommand } from './fixes.mjs';
import { installer } from './installer.mjs';
import { lastWords, run } from './run.mjs';
import { SetupError, say, sayAlways } from './say.mjs';
import { wheel } from './wheel.mjs';

/**
 * A way to install: { name, title, entry(tfjsNode), make(tfjsNode, cache, { env }) → folder in the cache }, `onDemand` if it
 * is used only by name, and `unverified` if no hash pins its download.
 */
export const everyWay = [wheel, cuda, installer];
const instead = 'training uses the WASM backend, correct but slower';
const rememberFor = 3600_000;

export async function ensureTensorFlow(root, { again = false, env = process.env, ways = everyWay } = {}) {
  const modes = ['auto', ...ways.map(({ name }) => name), 'wasm', 'skip'];
  const mode = env.RXAUG_TF || 'auto';
  if (!modes.includes(mode))
    throw new SetupError(`RXAUG_TF: expected one of ${modes.join(', ')} but received '${mode}'`);
  if (mode === 'skip') return;
  const home = tfjsNodeFolder(root);
  if (!home)
    return sayAlways(
      `native TensorFlow: the package @tensorflow/tfjs-node is not installed; run npm install --include=optional --ignore-scripts`,
    );
  if (mode === 'wasm') {
    unplug(home);
    note(home, { mode, native: null, missed: ['RXAUG_TF=wasm asked for none'] });
    return say(`native TensorFlow left out, as RXAUG_TF=wasm asks; ${instead}`);
  }

  const wanted = ways.filter(({ name, onDemand }) => (mode === 'auto' && !onDemand) || mode === name);
  const before = noted(home);
  const unverified = ways.find((way) => way.unverified && way.name === originOf(home)?.from);
  if (unverified && mode === 'auto' && before?.mode !== unverified.name) {
    // Installed by an earlier version of set-up without a request. It is not loaded.
    unplug(home);
    sayAlways(`${unverified.title} is not taken unless asked for; RXAUG_TF=${unverified.name} asks for it`);
  }
  const present = await loads(home);
  if (present.ok && (mode === 'auto' || originOf(home)?.from === mode)) {
    const from = originOf(home)?.from;
    const other = before?.native?.tensorflow !== present.tensorflow;
    if (other || (mode !== 'auto' && before?.mode !== mode)) {
      const { kept } = before?.native ?? {};
      note(home, { mode, native: { from: from ?? 'present', tensorflow: present.tensorflow, kept } });
      if (!from)
        say(
          `native TensorFlow ${present.tensorflow} was there before set-up, which has not verified it; RXAUG_TF=wheel ${setupCommand(root)} replaces it`,
        );
    }
    if (again && mode !== 'auto') say(`native TensorFlow ${present.tensorflow} by ${mode} is there already`);
    return;
  }
  if (!again && before?.native === null && before.mode === mode && Date.now() - before.at < rememberFor) {
    return sayAlways(
      `native TensorFlow could not be had lately (${before.missed.join('; ')}); ${instead}; ${setupCommand(root)} tries again`,
    );
  }

  const former = present.ok ? pluggedEntry(home) : undefined;
  unplug(home);
  const missed = [];
  const cache = cacheFolder(root, env);
  // Tries entries of the cache before anything that needs a network.
  const kept = wanted.filter((way) => cached(cache, way.entry(home)));
  for (const way of [...kept, ...wanted.filter((way) => !kept.includes(way))]) {
    if (way.unverified)
      sayAlways(
        `no hash pins the library that ${way.title} downloads; RXAUG_TF=${way.name} takes it all the same`,
      );
    try {
      const old = cached(cache, way.entry(home));
      const entry = old ?? (await way.make(home, cache, { env }));
      plug(home, entry);
      const result = await loads(home);
      if (!result.ok) {
        unplug(home);
        throw new Error(`${result.why}; remove ${entry} to have it made anew`);
      }
      note(home, { mode, native: { from: way.name, tensorflow: result.tensorflow, kept: entry } });
      return say(
        `native TensorFlow ${result.tensorflow} from ${way.title}${old ? `, kept in ${cache}` : ''}`,
      );
    } catch (error) {
      missed.push(`${way.title}: ${error.message}`);
    }
  }
  if (former) {
    plug(home, former); // restore the former library, which works
    throw new SetupError(
      `what ${mode} asks for could not be had (${missed.join('; ')}); ${former} stays in use`,
    );
  }
  note(home, { mode, native: null, missed });
  sayAlways(`native TensorFlow could not be had (${missed.join('; ')}); ${instead}`);
}

/** The folder of the package, wherever npm put it. */
export function tfjsNodeFolder(root) {
  try {
    const resolve = createRequire(path.join(root, 'package.json')).resolve;
    return path.dirname(resolve('@tensorflow/tfjs-node/package.json'));
  } catch {
    return undefined;
  }
}

async function loads(home) {
  if (!fs.existsSync(path.join(home, 'lib'))) return { ok: false, why: 'its addon has not been built' };
  const probe = fileURLToPath(new URL('./probe.cjs', import.meta.url));
  const result = await run(process.execPath, [probe, home], { seconds: 120 });
  if (!result.ok) return { ok: false, why: `it does not load (${lastWords(result, /Error/)})` };
  return { ok: true, ...JSON.parse(result.output.trim().split('\n').at(-1)) };
}

// tfjs-node looks for lib/napi-v8/tfjs_binding.node, which looks for ../../deps/lib: both become links to a
// folder of the cache. Folders that set-up did not make are renamed, not removed.

function plug(home, entry) {
  for (const part of ['lib', 'deps']) {
    fs.symlinkSync(path.join(entry, part), path.join(home, part), 'junction');
  }
}

function unplug(home) {
  for (const part of ['lib', 'deps']) {
    const at = path.join(home, part);
    const stat = fs.lstatSync(at, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink()) fs.unlinkSync(at);
    else if (stat) {
      fs.rmSync(`${at}.aside`, { recursive: true, force: true });
      fs.renameSync(at, `${at}.aside`);
    }
  }
}

/** The folder of the cache that is plugged in. */
function pluggedEntry(home) {
  const at = path.join(home, 'lib');
  return fs.lstatSync(at).isSymbolicLink() ? path.dirname(fs.realpathSync(at)) : undefined;
}

/** What the cache remembers of the library that is plugged in. */
function originOf(home) {
  try {
    return readJson(path.join(path.dirname(fs.realpathSync(path.join(home, 'lib'))), 'origin.json'));
  } catch {
    return undefined;
  }
}

// The note is for the next set-up and for `rxaug doctor`; npm ci removes it with the package.

function note(home, what) {
  fs.writeFileSync(
    path.join(home, 'rxaug-setup.json'),
    `${JSON.stringify({ ...what, at: Date.now() }, null, 2)}\n`,
  );
}

function noted(home) {
  return readJson(path.join(home, 'rxaug-setup.json'));
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
