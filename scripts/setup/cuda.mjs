/**
 * TensorFlow for NVIDIA's GPUs: tfjs-node's addon compiled against the library of the `tensorflow` wheel, with CUDA and
 * cuDNN from NVIDIA's own wheels. Only when asked for (--cuda): it fetches 3.4 GB and keeps 6 GB.
 *
 * Wheels are fetched one by one into the cache and checked, so a run that breaks off continues with the next wheel. The
 * library looks for CUDA in ../nvidia/<part>/lib relative to itself, and deps/ has that layout.
 */
import fs from 'node:fs';
import path from 'node:path';
import {
  checkPlatform,
  checkSpace,
  compile,
  findCompiler,
  findPython,
  libraries,
  napiHeaders,
  unpackScript,
} from './addon.mjs';
import { makeCached } from './cache.mjs';
import { cudaWheels } from './cuda-wheels.mjs';
import { lastWords, run, sizeOf } from './run.mjs';
import { progress, say } from './say.mjs';
import { fetchWheel, stored } from './wheel-store.mjs';

const { version } = cudaWheels[0];
/** Size of the unpacked libraries plus a reserve; each wheel is deleted after unpacking. */
const unpackedBytes = 6_500_000_000;

export const cuda = {
  name: 'cuda',
  title: `the tensorflow ${version} wheel for CUDA`,
  /** Used only on request. */
  onDemand: true,

  entry(home) {
    const own = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8'));
    return `tfjs-node-${own.version}-cuda-${version}-${process.platform}-${process.arch}-napi8`;
  },

  async make(home, cache, { env = process.env, wheels = cudaWheels } = {}) {
    checkPlatform();
    const driver = driverVersion();
    if (!driver && env.RXAUG_CUDA_WITHOUT_DRIVER !== '1') {
      throw new Error(
        'no NVIDIA driver is found (/proc/driver/nvidia/version is not there); install it, or add --without-driver to fetch the libraries all the same',
      );
    }
    say(
      driver
        ? `NVIDIA driver ${driver}`
        : 'no NVIDIA driver is found; until there is one, the processor computes',
    );
    const napi = napiHeaders(home);
    const [python, compiler] = [await findPython(), await findCompiler(napi)];
    const store = path.join(cache, `cuda-wheels-${version}`);
    fs.mkdirSync(store, { recursive: true });
    return makeCached(cache, this.entry(home), async (folder) => {
      const all = wheels.reduce((sum, { bytes }) => sum + bytes, 0);
      checkSpace(folder, all - sizeOf(store) + unpackedBytes);
      for (const wheel of wheels) await fetchWheel(python, wheel, store, wheels);
      const unpacked = path.join(folder, 'unzipped');
      for (const wheel of wheels) await unpack(python, wheel, { store, folder, unpacked });
      await compile(compiler, { home, folder, napi, unpacked });
      fs.rmSync(unpacked, { recursive: true });
      fs.rmSync(store, { recursive: true });
      return { from: 'cuda', tensorflow: version, made: new Date().toISOString() };
    });
  },
};

/** '570.86.10'; undefined without a driver of NVIDIA. */
export function driverVersion(file = '/proc/driver/nvidia/version') {
  try {
    return /(\d+\.\d+(?:\.\d+)?)/.exec(fs.readFileSync(file, 'utf8'))?.[1] ?? 'of unknown version';
  } catch {
    return fs.existsSync('/dev/dxg') ? 'of Windows' : undefined;
  }
}

async function unpack(python, wheel, { store, folder, unpacked }) {
  progress(`unpacking ${wheel.name}`);
  const file = await stored(wheel, store);
  if (!file) throw new Error(`${wheel.name} went away while it was being used; run it again`);
  const isNvidia = wheel.name.startsWith('nvidia-');
  const args = isNvidia
    ? ['-c', unpackNvidia, file, path.join(folder, 'deps')]
    : ['-c', unpackScript, file, unpacked, ...libraries];
  const result = await run(python, args, { seconds: 900 });
  if (!result.ok) throw new Error(`${wheel.name} could not be unpacked (${lastWords(result)})`);
  if (isNvidia) return;
  const target = path.join(folder, 'deps', 'lib');
  fs.mkdirSync(target, { recursive: true });
  for (const library of libraries) {
    fs.renameSync(path.join(unpacked, 'tensorflow', library), path.join(target, library));
  }
}

/** Libraries, and the compiler of kernels (ptxas, nvvm) that XLA runs; no headers, nothing static. */
const unpackNvidia = `
import os, re, sys, zipfile
wheel, target = sys.argv[1:]
wanted = re.compile(r'nvidia/[^/]+/lib/[^/]+\\.so[.\\d]*$|nvidia/cuda_nvcc/(bin|nvvm)/')
with zipfile.ZipFile(wheel) as file:
    for entry in file.infolist():
        if wanted.match(entry.filename) and not entry.is_dir():
            at = file.extract(entry, target)
            if '/bin/' in entry.filename: os.chmod(at, 0o755)
`;
