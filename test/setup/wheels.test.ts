/** Wheels: what was downloaded is used only if it is what the SHA-256 pins. */
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
// @ts-expect-error plain JavaScript
import { cuda } from '../../scripts/setup/cuda.mjs';
// @ts-expect-error plain JavaScript
import { wheel } from '../../scripts/setup/wheel.mjs';

let root: string;
let home: string;
/** Every command that the stand-ins were called with. */
const calls = () => fs.readFileSync(path.join(root, 'calls'), 'utf8').trim().split('\n');

/**
 * Stands for python3 with pip: `pip download --dest FOLDER NAME==VERSION` leaves a file of that name that holds other
 * bytes than the published one.
 */
const python = `#!/bin/sh
echo "python $*" >> "$RXAUG_TEST/calls"
case "$*" in *download*)
  while [ "$1" != --dest ]; do shift; done
  name=$(echo "$3" | sed 's/==/-/; s/-/_/g; s/_\\([0-9.]*\\)$/-\\1/')
  printf %s "not what was published" > "$2/$name-py3-none-any.whl"
esac
`;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-wheels-'));
  home = path.join(root, 'node_modules', '@tensorflow', 'tfjs-node');
  const headers = path.join(root, 'node_modules', 'node-api-headers');
  for (const folder of [home, headers, path.join(root, 'bin')]) fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(home, 'package.json'), '{"version":"4.22.0"}');
  fs.writeFileSync(path.join(headers, 'package.json'), '{"name":"node-api-headers"}');
  fs.writeFileSync(path.join(root, 'bin', 'python3'), python, { mode: 0o755 });
  fs.writeFileSync(path.join(root, 'bin', 'c++'), '#!/bin/sh\necho "c++ $*" >> "$RXAUG_TEST/calls"\n', {
    mode: 0o755,
  });
  vi.stubEnv('PATH', `${path.join(root, 'bin')}:${process.env.PATH}`);
  vi.stubEnv('CXX', 'c++');
  vi.stubEnv('RXAUG_TEST', root);
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  fs.rmSync(root, { recursive: true });
});

const isSupported = process.platform === 'linux' && process.arch === 'x64';

it.runIf(isSupported)('a tensorflow-cpu wheel of another SHA-256 is neither unpacked nor kept', async () => {
  const cache = path.join(root, 'cache');
  fs.mkdirSync(cache);
  await expect(wheel.make(home, cache)).rejects.toThrow(
    'its SHA-256 is not the one we know; it was not used',
  );
  expect(calls().filter((call) => call.includes('download'))).toHaveLength(1);
  expect(calls().some((call) => call.includes('zipfile') || call.includes('tfjs_b'))).toBe(false);
  expect(fs.readdirSync(cache)).toEqual([]);
});

it.runIf(isSupported)('a CUDA wheel of another SHA-256 is removed, and nothing is compiled', async () => {
  const cache = path.join(root, 'cache');
  const bytes = 'not what was published';
  const right = crypto.createHash('sha256').update(bytes).digest('hex');
  const wheels = [
    { name: 'tensorflow', version: '2.21.0', bytes: bytes.length, sha256: right },
    { name: 'nvidia-cufft-cu12', version: '11.4.1.4', bytes: bytes.length, sha256: '0'.repeat(64) },
  ];
  const env = { RXAUG_CUDA_WITHOUT_DRIVER: '1' };
  vi.spyOn(fs, 'statfsSync').mockReturnValue({ bavail: 1e12, bsize: 4096 } as never);
  await expect(cuda.make(home, cache, { env, wheels })).rejects.toThrow(
    'the SHA-256 of nvidia-cufft-cu12 is not the one we know; it was not used',
  );
  expect(fs.readdirSync(path.join(cache, 'cuda-wheels-2.21.0'))).toEqual([
    'tensorflow-2.21.0-py3-none-any.whl',
  ]);
  expect(calls().some((call) => call.includes('zipfile') || call.includes('tfjs_b'))).toBe(false);
});
