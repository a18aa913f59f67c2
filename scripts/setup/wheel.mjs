/**
 * tfjs-node's addon compiled against the library inside the tensorflow-cpu wheel, which is where TensorFlow
 * publishes its C API. Needs python3 with pip, and a C++ compiler; the headers of Node-API come from npm.
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCached } from './cache.mjs';
import { lastWords, run, sizeOf } from './run.mjs';
import { megabytes, progress, say } from './say.mjs';

const version = '2.21.0';
const bytes = 273_829_956;
const sha256 = '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c';
/** One wheel for every Python: we want the library inside, not the Python module. */
const tags = [
  '--platform',
  'manylinux_2_27_x86_64',
  '--implementation',
  'cp',
  '--python-version',
  '3.11',
  '--abi',
  'cp311',
];
const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
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
    if (process.platform !== 'linux' || process.arch !== 'x64' || isMusl()) {
      throw new Error(
        `it is for Linux on x64 with glibc, and this is ${process.platform} on ${process.arch}${isMusl() ? ' with musl' : ''}`,
      );
    }
    const napi = napiHeaders(home);
    const [python, compiler] = [await findPython(), await findCompiler(napi)];
    return makeCached(cache, this.entry(home), async (folder) => {
      checkSpace(folder);
      const unpacked = await download(python, folder);
      await compile(compiler, { home, folder, napi, unpacked });
      fs.rmSync(unpacked, { recursive: true });
      return { from: 'wheel', tensorflow: version, made: new Date().toISOString() };
    });
  },
};

function isMusl() {
  return process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
}

/** Node-API is the same for every Node since 12, so one set of headers serves all. */
function napiHeaders(home) {
  try {
    const file = createRequire(path.join(home, 'package.json')).resolve('node-api-headers/package.json');
    return path.join(path.dirname(file), 'include');
  } catch {
    throw new Error('the npm package node-api-headers is not installed; run npm ci');
  }
}

async function findPython() {
  for (const name of ['python3', 'python']) {
    const result = await run(name, ['-m', 'pip', '--version'], { seconds: 20 });
    if (result.ok) return name;
  }
  throw new Error('there is no python3 with pip; install them (Debian: apt-get install python3-pip)');
}

/** The first compiler that gets through the headers that the addon includes. */
async function findCompiler(napi) {
  const names = [process.env.CXX, 'g++', 'c++', 'clang++'].filter(Boolean);
  for (const name of names) {
    const args = ['-std=c++17', '-fsyntax-only', '-DNAPI_VERSION=8', `-I${napi}`, '-include', 'node_api.h'];
    const result = await run(name, [...args, '-include', 'memory', '-x', 'c++', '/dev/null'], {
      seconds: 60,
    });
    if (result.ok) return name;
  }
  throw new Error('there is no C++ compiler; install one (Debian: apt-get install g++)');
}

function checkSpace(folder) {
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize < spaceNeeded) {
    throw new Error(
      `it needs ${megabytes(spaceNeeded)} in ${path.dirname(folder)}, where ${megabytes(bavail * bsize)} are free; make room or set RXAUG_CACHE`,
    );
  }
}

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

/** pip says 'no matching distribution' when it could not even ask. */
function pipFailure(result) {
  const unreachable = /ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|Could not fetch URL/;
  return unreachable.test(result.output) ? 'the package index does not answer' : lastWords(result, /^ERROR/);
}

async function digest(file) {
  const hash = crypto.createHash('sha256');
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** The two libraries and the headers that the addon and quiet.cc include; the wheel has thirteen thousand more. */
const unpackScript = `
import sys, zipfile
wheel, target, *libraries = sys.argv[1:]
headers = ('tensorflow/c/', 'tensorflow/core/platform/ctstring', 'xla/tsl/c/', 'tsl/platform/ctstring', 'absl/')
starts = tuple('tensorflow/include/' + name for name in headers)
with zipfile.ZipFile(wheel) as file:
    for name in file.namelist():
        if name.startswith(starts) or name in ['tensorflow/' + library for library in libraries]:
            file.extract(name, target)
`;

async function compile(compiler, { home, folder, napi, unpacked }) {
  progress('compiling the addon of tfjs-node');
  const lib = path.join(folder, 'deps', 'lib');
  const addon = path.join(folder, 'lib', 'napi-v8');
  fs.mkdirSync(addon, { recursive: true });
  const common = [
    '-std=c++17',
    '-O2',
    '-fPIC',
    '-shared',
    `-I${path.join(unpacked, 'tensorflow', 'include')}`,
  ];
  const quiet = [
    ...common,
    fileURLToPath(new URL('./quiet.cc', import.meta.url)),
    '-Wl,-soname,librxaug_quiet.so',
  ];
  const binding = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => path.join(home, 'binding', file));
  const link = [`-L${lib}`, ...libraries.map((name) => `-l:${name}`)];
  // The loader starts the last library first among those that do not need each other.
  const last = [
    '-lstdc++',
    '-lgcc_s',
    '-lc',
    '-Wl,--no-as-needed',
    '-l:librxaug_quiet.so',
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
  ];
  const commands = [
    [...quiet, '-o', path.join(lib, 'librxaug_quiet.so')],
    [
      ...common,
      '-DNAPI_VERSION=8',
      `-I${napi}`,
      `-I${home}`,
      ...binding,
      ...link,
      ...last,
      '-o',
      path.join(addon, 'tfjs_binding.node'),
    ],
  ];
  for (const args of commands) {
    const result = await run(compiler, args, { seconds: 300 });
    if (!result.ok) throw new Error(`the addon did not compile (${lastWords(result)})`);
  }
}
