/** The data behind `rxaug doctor`: what this machine has, what is missing, why, and the command that fixes it. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { INSTALL_OPTIONAL, messageOf, requireOptional } from '../../core/index.js';
import { ownVersion } from '../../core/own-version.js';
import { findGpu, type Runtime } from '../../graph/index.js';
import { loadTurbo } from '../../io/decode/native.js';
import { whyNotTurboJpeg } from '../../io/decode/turbojpeg-library.js';
import { S3_PACKAGE } from '../../io/remote/s3-client.js';
import { ADAPTER_FIX, loadBackend, nameOf } from '../../train/backends/index.js';
import type { Part } from './part.js';
import { xlaPlugins } from './plugins.js';
import type { GpuProbe } from './probe-gpu.js';

export type { Part } from './part.js';

export interface Diagnosis {
  /** Whether a pipeline can run and train at all, if slowly. */
  readonly usable: boolean;
  readonly rxaug: string;
  readonly node: { readonly version: string; readonly uvThreadpoolSize: number };
  readonly machine: {
    readonly platform: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly sharedMemory: boolean;
    readonly wasmSimd: boolean;
    readonly wasmThreads: boolean;
  };
  /** What `auto` would train on, and why in one sentence. */
  readonly backend: string;
  readonly backendWhy: string;
  readonly backends: readonly Part[];
  readonly decoders: readonly Part[];
  readonly onnx: Part;
  /** Plugins of XLA, in the order in which they are tried. */
  readonly xla: readonly Part[];
  /** What reads and writes `s3://`. */
  readonly s3: Part;
}

const require = createRequire(import.meta.url);

const ONLY_AUGMENTS = `TensorFlow.js is not installed, so this rxaug augments and does not train; ${INSTALL_OPTIONAL}`;

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

const root = fileURLToPath(new URL('../../../', import.meta.url));

export async function diagnose(): Promise<Diagnosis> {
  const gpu = await probeGpu();
  const backends = [await nativeTensorFlow(), webGpu(gpu), await wasmBackend()];
  const decoders = [turboJpeg(), jpegTurbo(), await sharpDecoder()];
  // Without its own answer: WebGPU may be software, which 'auto' never uses.
  const best = gpu.auto?.name ?? backends.find(({ name, available }) => available && name !== 'webgpu')?.name;
  // Left out on purpose, as with npm install --omit=optional.
  const trains = isInstalled('@tensorflow/tfjs-core');
  return {
    usable:
      (best !== undefined || !trains) &&
      decoders.every(({ name, available }) => available || name !== 'sharp'),
    rxaug: ownVersion(),
    node: {
      version: process.versions.node,
      uvThreadpoolSize: Number(process.env.UV_THREADPOOL_SIZE) || 4,
    },
    machine: {
      platform: `${process.platform} ${process.arch}`,
      cpu: os.cpus()[0]?.model ?? 'unknown',
      cores: os.availableParallelism(),
      memoryBytes: os.totalmem(),
      sharedMemory: typeof SharedArrayBuffer === 'function',
      wasmSimd: WebAssembly.validate(simdModule),
      wasmThreads: WebAssembly.validate(threadsModule),
    },
    backend: best ?? 'none',
    backendWhy: trains ? (gpu.auto?.why ?? 'the first that loads') : ONLY_AUGMENTS,
    backends,
    decoders,
    onnx: onnxRuntime(),
    xla: await xlaPlugins(setupXlaCommand),
    s3: s3Client(),
  };
}

/** What probe.cjs prints. */
interface NativeProbe {
  readonly tensorflow: string;
  readonly gpu: boolean;
}

/** The way that `npm run setup` found, as noted next to the package. */
interface SetupNote {
  readonly native: { readonly from: string; readonly kept?: string } | null;
  readonly missed?: readonly string[];
}

async function nativeTensorFlow(): Promise<Part> {
  const name = 'tensorflow';
  let home: string;
  try {
    home = path.dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
  } catch {
    const why = 'the package @tensorflow/tfjs-node is not installed';
    return { name, available: false, why, fix: `${installOptional}, then ${setupCommand()}` };
  }
  const note = readJson<SetupNote>(path.join(home, 'rxaug-setup.json'));
  try {
    // In a separate process: a library for another CPU would end this one.
    const probe = path.join(root, 'scripts', 'setup', 'probe.cjs');
    const { stdout } = await promisify(execFile)(process.execPath, [probe, home], { timeout: 120_000 });
    const { tensorflow, gpu } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as NativeProbe;
    const from = sources[note?.native?.from ?? ''] ?? 'set up by hand';
    const kept = note?.native?.kept ? `, kept in ${note.native.kept}` : '';
    return {
      name,
      available: true,
      version: tensorflow,
      detail: `${gpu ? 'on the GPU, ' : ''}${from}${kept}`,
    };
  } catch (error) {
    const failure =
      /^Error: (.*)$/m.exec((error as { stderr?: string }).stderr ?? '')?.[1] ?? messageOf(error);
    const missed = note?.native === null && note.missed?.length ? note.missed.join('; ') : undefined;
    const built = existsSync(path.join(home, 'lib'));
    const why = built ? `it does not load: ${failure}` : (missed ?? `${setupCommand()} has not been run`);
    return { name, available: false, why, fix: setupCommand() };
  }
}

const sources: Record<string, string> = {
  installer: "by tfjs-node's own installer, not verified",
  wheel: "tfjs-node's addon on the library of the tensorflow-cpu wheel",
  cuda: "tfjs-node's addon on the library of the tensorflow wheel for CUDA",
  present: 'there before set-up, not verified',
};

async function probeGpu(): Promise<GpuProbe> {
  try {
    const probe = path.join(root, 'dist', 'cli', 'doctor', 'probe-gpu.js');
    const { stdout } = await promisify(execFile)(process.execPath, [probe], { timeout: 120_000 });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as GpuProbe;
  } catch (error) {
    return { missing: `the driver ends its process (${messageOf(error).split('\n')[0]})` };
  }
}

function webGpu({ adapter, missing }: GpuProbe): Part {
  const name = 'webgpu';
  if (!adapter) {
    const fix = isInstalled('webgpu') ? ADAPTER_FIX : bringing('webgpu');
    return { name, available: false, why: whyOf(missing), fix };
  }
  const version = packageVersion('webgpu');
  const device = adapter.device ? `, device ${adapter.device}` : '';
  return { name, available: true, version, detail: `${nameOf(adapter)}${device}`, adapter };
}

async function wasmBackend(): Promise<Part> {
  try {
    const backend = await loadBackend('wasm');
    const { version } = backend;
    backend.dispose();
    return {
      name: 'wasm',
      available: true,
      version,
      detail: 'one thread; convolution gradients added by rxaug',
    };
  } catch (error) {
    const fix = bringing('@tensorflow/tfjs-backend-wasm');
    return { name: 'wasm', available: false, why: whyOf(error), fix };
  }
}

function turboJpeg(): Part {
  const name = 'turbojpeg';
  const why = whyNotTurboJpeg();
  if (why === undefined)
    return {
      name,
      available: true,
      version: packageVersion('koffi'),
      detail: 'JPEG by parts and at a fraction of its size, accurate DCT',
    };
  const { platform, arch } = process;
  const fix = ['linux', 'darwin'].includes(platform)
    ? `npm install koffi @koromix/koffi-${platform}-${arch}`
    : "set decoder: { dct: 'fast' } where time matters more than the last levels";
  return {
    name,
    available: false,
    why: `${why}; JPEG is decoded whole, and 3 to 5 times slower than with it`,
    fix,
  };
}

function jpegTurbo(): Part {
  const name = 'jpeg-turbo';
  if (loadTurbo()) {
    const version = packageVersion('@julusian/jpeg-turbo');
    return { name, available: true, version, detail: 'whole JPEG, fast DCT' };
  }
  const why = `@julusian/jpeg-turbo has no build for ${process.platform} ${process.arch}, so JPEG goes through sharp`;
  return { name, available: false, why, fix: reinstall };
}

const AS_WASM = 'as WebAssembly, which is slower than the binary that is not installed';

async function sharpDecoder(): Promise<Part> {
  try {
    const { default: sharp } = await import('sharp');
    const asWasm = 'emscripten' in sharp.versions;
    const formats = Object.entries(sharp.format).filter(([id, { input }]) => input.buffer && id !== 'raw');
    return {
      name: 'sharp',
      available: true,
      version: sharp.versions.sharp ?? packageVersion('sharp'),
      detail: `libvips ${sharp.versions.vips}${asWasm ? `, ${AS_WASM}` : ''}; reads ${formats.map(([id]) => id).join(', ')}`,
    };
  } catch (error) {
    const why = messageOf(error).split('\n')[0];
    return { name: 'sharp', available: false, why, fix: reinstall };
  }
}

function onnxRuntime(): Part {
  const name = 'onnxruntime';
  try {
    const ort = requireOptional(require, 'onnxruntime-node', name) as Runtime;
    const bundled = ort.listSupportedBackends().filter((provider) => provider.bundled);
    const { provider, why } = findGpu();
    const gpu = provider ? `GPU ${why}` : `no GPU: ${why}`;
    const detail = `providers ${bundled.map(({ name }) => name).join(', ')}; ${gpu}`;
    return { name, available: true, version: packageVersion('onnxruntime-node'), detail };
  } catch (error) {
    return { name, available: false, why: whyOf(error), fix: bringing('onnxruntime-node') };
  }
}

function s3Client(): Part {
  const name = 's3';
  if (!isInstalled(S3_PACKAGE))
    return {
      name,
      available: false,
      why: `the package ${S3_PACKAGE} is not installed, so s3:// URLs cannot be used`,
      fix: installOptional,
    };
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  const own = AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL;
  const server = own && URL.canParse(own) ? `, endpoint ${new URL(own).host}` : '';
  return { name, available: true, version: packageVersion(S3_PACKAGE), detail: `s3:// URLs${server}` };
}

// The scripts of these packages are not needed; one that fails would have npm remove its package.
const reinstall = 'npm ci --ignore-scripts';
const installOptional = INSTALL_OPTIONAL.replace(/^run /, '');

/** The command that installs an optional package, or reinstalls one that does not load. */
const bringing = (name: string) => (isInstalled(name) ? reinstall : installOptional);

/** Without the command, which is listed with the others at the end. */
const whyOf = (error: unknown) =>
  (messageOf(error).split('\n')[0] ?? '')
    .replace(`; ${INSTALL_OPTIONAL}`, '')
    .replace(/^[\w ]+: (?=the package )/, '');

/** In a clone, and where rxaug is installed as a package. */
export function setupCommand(home = root): string {
  return existsSync(path.join(home, 'src')) ? 'npm run setup' : 'npx rxaug setup';
}

const setupXlaCommand = (kind: string) => {
  const command = setupCommand();
  return `${command}${command.startsWith('npm') ? ' --' : ''} --xla ${kind}`;
};

function packageVersion(name: string): string {
  // Read from the file: some packages do not export their package.json.
  for (
    let folder = path.dirname(require.resolve(name));
    folder !== path.dirname(folder);
    folder = path.dirname(folder)
  ) {
    const file = path.join(folder, 'package.json');
    if (readJson<{ name?: string }>(file)?.name === name) return versionOf(file);
  }
  return 'unknown';
}

function versionOf(file: string): string {
  return readJson<{ version: string }>(file)?.version ?? 'unknown';
}

function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

// The smallest modules that use a SIMD instruction (i8x16.splat) and a shared memory.
const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const simdModule = new Uint8Array([
  ...magic,
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // type: () → v128
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x0b], // i32.const 0, i8x16.splat
]);
const threadsModule = new Uint8Array([...magic, 0x05, 0x04, 0x01, 0x03, 0x01, 0x01]); // memory 1 1 shared
