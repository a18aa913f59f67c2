/**
 * Shared by both wheels: finds Python with pip and a C++ compiler, and compiles tfjs-node's addon against the libraries in
 * the wheel. The headers of Node-API come from npm.
 */
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastWords, run } from './run.mjs';
import { megabytes, progress } from './say.mjs';

export const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
/** One wheel for every Python: only the library in it is used, not the Python module. */
export const tags = [
  ...['--platform', 'manylinux_2_27_x86_64', '--platform', 'manylinux_2_17_x86_64'],
  ...['--platform', 'manylinux_2_25_x86_64', '--platform', 'manylinux2014_x86_64', '--implementation', 'cp'],
  ...['--python-version', '3.11', '--abi', 'cp311'],
];

export function checkPlatform(fix = "RXAUG_TF=installer uses tfjs-node's own library, which no hash pins") {
  if (process.platform === 'linux' && process.arch === 'x64' && !isMusl()) return;
  throw new Error(
    `it is for Linux on x64 with glibc, and this is ${process.platform} on ${process.arch}${isMusl() ? ' with musl' : ''}; ${fix}`,
  );
}

function isMusl() {
  return process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
}

/** Node-API is the same for every Node since 12, so one set of headers serves all. */
export function napiHeaders(home) {
  try {
    const file = createRequire(path.join(home, 'package.json')).resolve('node-api-headers/package.json');
    return path.join(path.dirname(file), 'include');
  } catch {
    throw new Error('the npm package node-api-headers is not installed; run npm ci');
  }
}

export async function findPython() {
  for (const name of ['python3', 'python']) {
    const result = await run(name, ['-m', 'pip', '--version'], { seconds: 20 });
    if (result.ok) return name;
  }
  throw new Error('there is no python3 with pip; install them (Debian: apt-get install python3-pip)');
}

/** The first compiler that can compile the headers of the addon. */
export async function findCompiler(napi) {
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

export function checkSpace(folder, needed) {
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize < needed) {
    throw new Error(
      `it needs ${megabytes(needed)} in ${path.dirname(folder)}, where ${megabytes(bavail * bsize)} are free; make room or set RXAUG_CACHE`,
    );
  }
}

/** The error of pip, which says 'no matching distribution' even without a network. */
export function pipFailure(result) {
  const unreachable = /ConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|Could not fetch URL/;
  return unreachable.test(result.output) ? 'the package index does not answer' : lastWords(result, /^ERROR/);
}

export async function digest(file) {
  const hash = crypto.createHash('sha256');
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** Unpacks only the two libraries and the headers that the addon and quiet.cc include, out of 13,000 files. */
export const unpackScript = `
import sys, zipfile
wheel, target, *libraries = sys.argv[1:]
headers = ('tensorflow/c/', 'tensorflow/core/platform/ctstring', 'xla/tsl/c/', 'tsl/platform/ctstring', 'absl/')
starts = tuple('tensorflow/include/' + name for name in headers)
with zipfile.ZipFile(wheel) as file:
    for name in file.namelist():
        if name.startswith(starts) or name in ['tensorflow/' + library for library in libraries]:
            file.extract(name, target)
`;

export async function compile(compiler, { home, folder, napi, unpacked }) {
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
