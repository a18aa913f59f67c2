/**
 * tfjs-node's addon compiled against the library inside the tensorflow-cpu wheel, which is where TensorFlow
 * publishes its C API. Needs python3 with pip, and a C++ compiler; the headers of Node-API come from npm.
 */
import fs from 'node:fs';
import path from 'node:path';
import {
  checkPlatform,
  checkSpace,
  compile,
  digest,
  findCompiler,
  findPython,
  libraries,
  napiHeaders,
  pipFailure,
  tags,
  unpackScript,
} from './addon.mjs';
import { makeCached } from './cache.mjs';
import { lastWords, run, sizeOf } from './run.mjs';
import { megabytes, progress, say } from './say.mjs';

const version = '2.21.0';
const bytes = 273_829_956;
const sha256 = '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c';
/** Unpacked libraries, the wheel beside them and room to breathe. */
const spaceNeeded = 1_400_000_000;

export const wheel = {
  name: 'wheel',
  title: `the tensorflow-cpu ${version} wheel`,

  entry(home) {
    const own = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8'));
    return `tfjs-node-${own.version}-wheel-${version}-${process.platform}-${process.arch}-napi8`;
  },

  async make(home, cache) {
    checkPlatform();
    const napi = napiHeaders(home);
    const [python, compiler] = [await findPython(), await findCompiler(napi)];
    return makeCached(cache, this.entry(home), async (folder) => {
      checkSpace(folder, spaceNeeded);
      const unpacked = await download(python, folder);
      await compile(compiler, { home, folder, napi, unpacked });
      fs.rmSync(unpacked, { recursive: true });
      return { from: 'wheel', tensorflow: version, made: new Date().toISOString() };
    });
  },
};

/** Leaves the libraries in deps/lib and gives a folder with the headers. */
async function download(python, folder) {
  say(`native TensorFlow: fetching ${wheel.title} (${megabytes(bytes)}, once for all clones)`);
  const temporary = path.join(folder, 'download');
  fs.mkdirSync(temporary);
  const limits = [
    '--timeout',
    '10',
    '--retries',
    '1',
    '--no-cache-dir',
    '--disable-pip-version-check',
    '--progress-bar',
    'off',
  ];
  const only = ['--no-deps', '--only-binary=:all:', ...tags, '--dest', temporary];
  const result = await run(
    python,
    ['-m', 'pip', 'download', ...limits, ...only, `tensorflow-cpu==${version}`],
    {
      // pip writes what arrives to its temporary folder, where we can see it grow.
      env: { TMPDIR: temporary, PIP_REQUIRE_VIRTUALENV: '0' },
      seconds: 1800,
      watch: () => {
        const arrived = sizeOf(temporary);
        if (arrived > 1e6)
          progress(
            `tensorflow-cpu ${version}: ${megabytes(Math.min(arrived, bytes))} of ${megabytes(bytes)}`,
          );
        return arrived;
      },
      patience: 25,
    },
  );
  if (!result.ok) throw new Error(`pip could not download it (${pipFailure(result)})`);
  const name = fs.readdirSync(temporary).find((file) => file.endsWith('.whl'));
  if (!name) throw new Error('pip left no wheel');
  const file = path.join(temporary, name);
  if ((await digest(file)) !== sha256) throw new Error(`its SHA-256 is not the one we know; it was not used`);
  progress(`tensorflow-cpu ${version}: unpacking`);
  const unzipped = path.join(folder, 'unzipped');
  const unzip = await run(python, ['-c', unpackScript, file, unzipped, ...libraries], { seconds: 300 });
  if (!unzip.ok) throw new Error(`it could not be unpacked (${lastWords(unzip)})`);
  fs.rmSync(temporary, { recursive: true });
  const target = path.join(folder, 'deps', 'lib');
  fs.mkdirSync(target, { recursive: true });
  for (const library of libraries) {
    fs.renameSync(path.join(unzipped, 'tensorflow', library), path.join(target, library));
  }
  return unzipped;
}
