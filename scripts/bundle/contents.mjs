/** What goes into the bundle, file by file. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';

const PLATFORM = `${process.platform}-${process.arch}`;

/** The packages that bench/gpu.mjs loads, with the parts of each that it needs; licenses and package.json always come. */
const PACKAGES = {
  '@jsquash/webp': [/\.(js|wasm)$/],
  [`@koromix/koffi-${PLATFORM}`]: [/^index\.js$/, /^linux_/],
  '@tensorflow/tfjs': [/^dist\/tf\.node\.js$/],
  '@tensorflow/tfjs-backend-cpu': [/^dist\/tf-backend-cpu\.node\.js$/],
  '@tensorflow/tfjs-backend-wasm': [/^dist\/tf-backend-wasm\.node\.js$/, /^dist\/[^/]*\.wasm$/],
  '@tensorflow/tfjs-backend-webgl': [/^dist\/tf-backend-webgl\.node\.js$/],
  '@tensorflow/tfjs-backend-webgpu': [/^dist\/tf-backend-webgpu\.node\.js$/],
  '@tensorflow/tfjs-converter': [/^dist\/tf-converter\.node\.js$/],
  '@tensorflow/tfjs-core': [/^dist\/tf-core\.node\.js$/],
  '@tensorflow/tfjs-data': [/^dist\/tf-data\.node\.js$/],
  '@tensorflow/tfjs-layers': [/^dist\/tf-layers\.node\.js$/],
  koffi: [/^index\.c?js$/, /^src\/koffi\/.*\.c?js$/],
  long: [/^src\/.*\.js$/, /^dist\/long\.js$/],
  picomatch: [/\.js$/],
  rxjs: [/^dist\/cjs\/.*\.js$/, /\/package\.json$/],
  seedrandom: [/^[^/]*\.js$/, /^lib\/[^/]*(?<!min)\.js$/],
  webgpu: [/^index\.js$/, new RegExp(`^dist/${PLATFORM}/`)],
  zod: [/^(?!src\/).*\.js$/, /^v4.*\/package\.json$/],
};

const isLicense = (name) => /^(licen[cs]e|notice|copying)/i.test(name);

/** Of the project: not what types, debuggers and the browser need. */
const OWN = [
  [/^dist\/(?!.*\.d\.ts$)(?!.*\.map$)(?!\.)/],
  [/^bench\/(gpu\.mjs|gpu\/(?!programs\/)|lib\/(contestant|machine|options|ours|rounds|rxaug)\.mjs)/],
  [/^bench\/peers\/(peer|pytorch_models|pytorch_step)\.py$/],
  [/^(LICENSE|package\.json)$/],
].flat();

/** Copies all of it into `top`; the number of files and bytes. */
export async function stage(root, top, plugin) {
  const taken = { files: 0, bytes: 0 };
  const take = (from, to) => {
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    taken.files++;
    taken.bytes += statSync(from).size;
  };
  for (const part of ['dist', 'bench', 'LICENSE', 'package.json'])
    for (const file of filesOf(join(root, part)))
      if (OWN.some((pattern) => pattern.test(slashed(relative(root, file)))))
        take(file, join(top, relative(root, file)));

  const licenses = [];
  for (const [name, patterns] of Object.entries(PACKAGES)) {
    const home = join(root, 'node_modules', name);
    if (!existsSync(home)) throw new Error(`bundle: the package ${name} is not installed; run npm run setup`);
    const about = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    const wanted = filesOf(home).filter((file) => {
      const path = slashed(relative(home, file));
      return path === 'package.json' || isLicense(path) || patterns.some((pattern) => pattern.test(path));
    });
    for (const [i, pattern] of patterns.entries())
      if (!wanted.some((file) => pattern.test(slashed(relative(home, file)))))
        throw new Error(
          `bundle: ${name} ${about.version} has no file for pattern ${i + 1} of its list; correct scripts/bundle/contents.mjs`,
        );
    for (const file of wanted) take(file, join(top, 'node_modules', name, relative(home, file)));
    licenses.push(`${name} ${about.version}: ${about.license}; ${textOf(home)}`);
  }

  const node = join(top, 'node');
  take(process.execPath, node);
  chmodSync(node, 0o755);
  licenses.unshift(`Node.js ${process.version}: MIT and others; ${nodeLicense(top, take)}`);
  if (plugin !== undefined) {
    take(plugin, join(top, 'plugin', basename(plugin)));
    licenses.push(`plugin/${basename(plugin)}: as its package says; XLA is under Apache-2.0`);
  }
  take(join(root, 'scripts/bundle/run.sh'), join(top, 'run.sh'));
  chmodSync(join(top, 'run.sh'), 0o755);
  writeFileSync(join(top, 'LICENSES.txt'), `${licenses.join('\n')}\n`);
  return taken;
}

/** Where the text of a package's license is. */
const textOf = (home) => {
  const found = readdirSync(home).filter(isLicense);
  if (found.length > 0) return `text in node_modules/…/${found[0]}`;
  return 'no text in its package: that of Apache-2.0 is in node_modules/rxjs/LICENSE.txt, that of MIT in node_modules/koffi/LICENSE.txt';
};

function nodeLicense(top, take) {
  const prefix = dirname(dirname(process.execPath));
  const places = [
    join(prefix, 'LICENSE'),
    join(prefix, 'share/doc/nodejs/LICENSE'),
    join(prefix, 'share/doc/node/LICENSE'),
  ];
  const found = places.find((place) => existsSync(place));
  if (!found) return `text at ${process.release.sourceUrl ?? 'https://nodejs.org'}`;
  take(found, join(top, 'LICENSE.node'));
  return 'text in LICENSE.node';
}

/** All files below, in order. */
function filesOf(path) {
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) =>
    entry.isDirectory() ? filesOf(join(path, entry.name)) : [join(path, entry.name)],
  );
}

const slashed = (path) => path.split(sep).join('/');
