/**
 * One archive for a machine that has a GPU and nothing of ours: Node, the built project, the packages that bench/gpu.mjs
 * loads, and steps that were traced here. Unpacked anywhere, `run.sh` in it measures that machine.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { COMPRESSORS, pack } from './bundle/archive.mjs';
import { stage } from './bundle/contents.mjs';
import { tracePrograms } from './bundle/programs.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PLATFORM = `${process.platform}-${process.arch}`;
const MIB = 2 ** 20;
const MOST = 60 * MIB;
const USAGE =
  'usage: npm run bundle -- --gpu [--out FILE.tar.gz|.tar.xz|.tar.zst] [--programs resnet20,resnet50,wrn28-10|none] [--plugin FILE.so]';

class Wrong extends Error {}

async function main() {
  const { values } = parseArgs({
    options: {
      gpu: { type: 'boolean', default: false },
      out: { type: 'string', default: `rxaug-gpu-${PLATFORM}.tar.gz` },
      /** Steps that are traced here, which would cost the other machine time. */
      programs: { type: 'string', default: 'resnet20,resnet50,wrn28-10' },
      /** A PJRT plugin to take along, for a machine that has none. */
      plugin: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  if (!values.gpu) throw new Wrong(`expected --gpu, the one bundle that there is; ${USAGE}`);
  if (process.platform !== 'linux')
    throw new Wrong(
      `expected Linux, whose Node and packages are taken along, but this is ${PLATFORM}; make the bundle on Linux`,
    );
  const out = resolve(values.out);
  if (!Object.keys(COMPRESSORS).some((end) => out.endsWith(end)))
    throw new Wrong(
      `expected --out to end in ${Object.keys(COMPRESSORS).join(', ')} but received '${values.out}'`,
    );
  if (!existsSync(join(ROOT, 'dist/index.js')))
    throw new Wrong('expected dist/ to be built; run npm run build');
  if (values.plugin !== undefined && !existsSync(values.plugin))
    throw new Wrong(`expected --plugin to be a file but there is no '${values.plugin}'`);

  const folder = mkdtempSync(join(tmpdir(), 'rxaug-bundle-'));
  try {
    const top = join(folder, 'rxaug-gpu');
    const { files, bytes } = await stage(ROOT, top, values.plugin);
    const names = values.programs === 'none' ? [] : values.programs.split(',');
    tracePrograms(ROOT, join(top, 'bench/gpu/programs'), names, console.error);
    pack(folder, 'rxaug-gpu', out);
    const size = statSync(out).size;
    console.log(
      `${out}: ${(size / MIB).toFixed(1)} MiB, ${files} files, ${(bytes / MIB).toFixed(1)} MiB unpacked`,
    );
    if (size > MOST) {
      rmSync(out);
      throw new Wrong(
        `the archive has more than ${MOST / MIB} MiB; let --out end in .tar.xz, or leave out --plugin`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  const ours = error instanceof Wrong || `${error.code}`.startsWith('ERR_PARSE_ARGS');
  console.error(ours ? `bundle: ${error.message}` : error.stack);
  process.exitCode = ours ? 2 : 1;
}
