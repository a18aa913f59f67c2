/**
 * A PJRT plugin of XLA in the cache, under xla/<kind>-<version>: its library, its licence, and for CUDA NVIDIA's libraries
 * in nvidia/, where the plugin looks by its own run path. ROCm is taken from the system (/opt/rocm). Needs python3 with
 * pip, and no compiler.
 */
import fs from 'node:fs';
import path from 'node:path';
import { checkPlatform, checkSpace, findPython } from './addon.mjs';
import { cached, cacheFolder, makeCached } from './cache.mjs';
import { driverVersion } from './cuda.mjs';
import { lastWords, run, sizeOf } from './run.mjs';
import { megabytes, progress, SetupError, say } from './say.mjs';
import { fetchWheel, stored } from './wheel-store.mjs';
import { xlaKinds } from './xla-wheels.mjs';

/** @throws SetupError a sentence: what could not be had, why, and the way out */
export async function ensureXla(root, kind, { env = process.env, kinds = xlaKinds } = {}) {
  if (!Object.hasOwn(kinds, kind))
    throw new SetupError(
      `--xla: expected one of ${Object.keys(kinds).join(', ')} but received '${kind}'; name one of them`,
    );
  const cache = cacheFolder(root, env);
  const { title } = kinds[kind];
  const [{ version }] = kinds[kind].wheels;
  const name = path.join('xla', `${kind}-${version}`);
  const old = cached(cache, name);
  if (old) return say(`the plugin of XLA for ${title}, ${version}, is there already, kept in ${old}`);
  try {
    const entry = await make(cache, name, kind, kinds[kind], env);
    say(`the plugin of XLA for ${title}, ${version}, kept in ${entry}`);
  } catch (error) {
    throw new SetupError(`the plugin of XLA for ${title} could not be had (${error.message})`);
  }
}

async function make(cache, name, kind, { wheels, plugin, unpackedBytes }, env) {
  checkPlatform('set RXAUG_PJRT_PLUGIN to the file of a plugin for it');
  checkDriver(kind, env);
  const python = await findPython();
  const [{ name: wheelName, version }] = wheels;
  const store = path.join(cache, 'xla', `wheels-${kind}-${version}`);
  fs.mkdirSync(store, { recursive: true });
  return makeCached(cache, name, async (folder) => {
    const all = wheels.reduce((sum, { bytes }) => sum + bytes, 0);
    checkSpace(folder, all - sizeOf(store) + unpackedBytes);
    say(`fetching ${megabytes(all)} in all`);
    for (const wheel of wheels) await fetchWheel(python, wheel, store, wheels);
    for (const wheel of wheels) {
      progress(`unpacking ${wheel.name}`);
      const file = await stored(wheel, store);
      if (!file) throw new Error(`${wheel.name} went away while it was being used; run it again`);
      const result = await run(python, ['-c', unpackScript, file, folder, plugin], { seconds: 900 });
      if (!result.ok) throw new Error(`${wheel.name} could not be unpacked (${lastWords(result)})`);
    }
    if (!fs.existsSync(path.join(folder, plugin))) throw new Error(`its wheel has no ${plugin}`);
    fs.rmSync(store, { recursive: true });
    return { kind, version, plugin, package: wheelName, made: new Date().toISOString() };
  });
}

/** A plugin for an accelerator that is not there would only fail later. */
function checkDriver(kind, env) {
  if (kind === 'cpu' || env.RXAUG_CUDA_WITHOUT_DRIVER === '1') return;
  const [has, what] =
    kind === 'rocm7'
      ? [fs.existsSync('/dev/kfd'), 'no AMD driver is found (/dev/kfd is not there); install it and ROCm 7']
      : [
          driverVersion() !== undefined,
          'no NVIDIA driver is found (/proc/driver/nvidia/version is not there); install it',
        ];
  if (!has) throw new Error(`${what}, or add --without-driver to fetch the plugin all the same`);
}

/** The plugin, licences, libraries of CUDA, and the compiler of kernels (ptxas, nvvm) that XLA runs. */
const unpackScript = `
import os, re, sys, zipfile
wheel, target, plugin = sys.argv[1:]
wanted = re.compile(r'nvidia/.+\\.so[.\\d]*$|nvidia/[^/]+/(bin|nvvm)/|[^/]+\\.dist-info/(METADATA|licenses/|LICEN[CS]E)', re.I)
with zipfile.ZipFile(wheel) as file:
    for entry in file.infolist():
        name = entry.filename
        if (name == plugin or wanted.match(name)) and not entry.is_dir():
            at = file.extract(entry, target)
            if '/bin/' in name: os.chmod(at, 0o755)
`;
