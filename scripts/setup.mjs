#!/usr/bin/env node
/**
 * Makes a fresh clone ready: `node scripts/setup.mjs [--again] [--quiet] [--no-build] [--augment] [--cuda] [--xla
 * KIND]`. No dependency of its own.
 *
 *  1. Node is new enough.
 *  2. `npm ci`, when node_modules is absent or older than package-lock.json.
 *  3. Native TensorFlow under @tensorflow/tfjs-node, in this order: it loads already; kept in the cache by an
 *     earlier clone; its addon compiled against the library of the tensorflow-cpu wheel. Where none of them
 *     works, training uses the WASM backend: correct, but slower.
 *  4. The build.
 *
 * Everything it says goes to stderr. What failed within the last hour is not tried again without --again
 * (`npm run setup`).
 *
 * With --augment, 2 leaves out the optional packages (training needs them, augmentation does not) and 3 is left out: what
 * `npm ci --omit=optional` installed stays, and only the binaries of the tools that build and test are added, which npm
 * counts among the optional packages too.
 *
 * With --cuda, in place of 3: TensorFlow's build for NVIDIA's GPUs, with CUDA, from its wheels.
 *
 * With --xla, in place of 3: a PJRT plugin of XLA from its wheel, for the processor or a kind of GPU. No compiler is needed.
 *
 * All that is fetched is pinned: npm packages by the SHA-512 in package-lock.json (their install scripts do not
 * run), wheels by the SHA-256 in scripts/setup. The exception is RXAUG_TF=installer, which is never taken unasked.
 *
 * RXAUG_TF     auto (as above), wheel or cuda (only that way), installer (tfjs-node's own, whose download no hash
 *              pins), wasm (none, and unplug what is there), skip (leave it as it is). Default auto.
 * RXAUG_CACHE  where libraries are kept between clones; default $XDG_CACHE_HOME/rxaug or ~/.cache/rxaug.
 */
const usage = `usage: node scripts/setup.mjs [--again] [--quiet] [--no-build] [--augment | --cuda | --xla KIND] [--without-driver]
  --again     try again what failed within the last hour
  --quiet     say only what could not be had
  --no-build  leave the build to the command that comes next
  --augment   only what augmentation needs: no TensorFlow, ONNX or WebGPU
  --cuda      TensorFlow for NVIDIA's GPUs: fetches 3.4 GB, keeps 6 GB
  --xla KIND  the plugin of XLA for cpu (63 MB), cuda12 (2.9 GB), cuda13 (2.3 GB) or rocm7 (133 MB; ROCm 7 itself
              is the system's)
  --without-driver  with --cuda or the --xla of a GPU: fetch even where no driver of it is found
  RXAUG_TF=auto|wheel|cuda|installer|wasm|skip  how native TensorFlow is installed; no hash pins installer's download
  RXAUG_CACHE=DIR                               where its libraries are kept between clones
`;

const [major, minor] = process.versions.node.split('.').map(Number);
const flags = process.argv.slice(2);
const at = flags.findIndex((flag) => /^--xla(=|$)/.test(flag));
/** Undefined without --xla; '' where its kind is left out. */
const xla = at < 0 ? undefined : flags[at].includes('=') ? flags[at].slice(6) : (flags[at + 1] ?? '');
if (at >= 0) flags.splice(at, flags[at].includes('=') ? 1 : 2);
const known = ['--again', '--quiet', '--no-build', '--augment', '--cuda', '--without-driver', '--help'];
const unknown = flags.find((flag) => !known.includes(flag));
const only = [
  ...['--augment', '--cuda'].filter((flag) => flags.includes(flag)),
  ...(at >= 0 ? ['--xla'] : []),
];
/** What was asked for in place of a GPU, in words; undefined where it is for a GPU. */
function withoutGpu() {
  if (xla !== undefined) return xla === 'cpu' ? '--xla cpu' : undefined;
  if (flags.includes('--augment')) return '--augment';
  return flags.includes('--cuda') || process.env.RXAUG_TF === 'cuda' ? undefined : 'neither';
}
const notForGpu = flags.includes('--without-driver') ? withoutGpu() : undefined;

if (major < 20 || (major === 20 && minor < 9)) {
  process.stderr.write(
    `setup: rxaug needs Node 20.9 or newer, and this is ${process.version}; install a newer one\n`,
  );
  process.exitCode = 1;
} else if (unknown !== undefined) {
  process.stderr.write(`setup: unknown option '${unknown}'\n${usage}`);
  process.exitCode = 2;
} else if (only.length > 1) {
  process.stderr.write(
    `setup: expected one of --augment, --cuda and --xla but received ${only.join(' and ')}; leave one of them out\n${usage}`,
  );
  process.exitCode = 2;
} else if (flags.includes('--help')) {
  process.stdout.write(usage);
} else if (notForGpu !== undefined) {
  process.stderr.write(
    `setup: --without-driver: expected --cuda or the --xla of a GPU beside it but received ${notForGpu}; add one of them, or leave it out\n`,
  );
  process.exitCode = 2;
} else {
  if (flags.includes('--cuda')) process.env.RXAUG_TF = 'cuda';
  if (flags.includes('--without-driver')) process.env.RXAUG_CUDA_WITHOUT_DRIVER = '1';
  // Imported late: an old Node would stumble over the syntax before it could say why.
  const { setUp } = await import('./setup/index.mjs');
  const { xlaKinds } = await import('./setup/xla-wheels.mjs');
  if (xla !== undefined && !Object.hasOwn(xlaKinds, xla)) {
    process.stderr.write(
      `setup: --xla: expected one of ${Object.keys(xlaKinds).join(', ')} but received '${xla}'; name one of them\n`,
    );
    process.exit(2);
  }
  process.exitCode = await setUp({
    again: flags.includes('--again'),
    augment: flags.includes('--augment'),
    quiet: flags.includes('--quiet'),
    withBuild: !flags.includes('--no-build'),
    xla,
  });
}
