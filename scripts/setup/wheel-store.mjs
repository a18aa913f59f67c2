/** Wheels that are fetched one by one into a folder and checked: { name, version, bytes, sha256 }. */
import fs from 'node:fs';
import path from 'node:path';
import { digest, pipFailure, tags } from './addon.mjs';
import { run, sizeOf } from './run.mjs';
import { megabytes, progress, say } from './say.mjs';

/** The file of a wheel in the store, if it is complete. */
export async function stored({ name, version, bytes, sha256 }, store) {
  const start = `${name.replaceAll('-', '_')}-${version}-`;
  const file = fs.readdirSync(store).find((entry) => entry.startsWith(start) && entry.endsWith('.whl'));
  if (!file) return undefined;
  const at = path.join(store, file);
  if (fs.statSync(at).size === bytes && (await digest(at)) === sha256) return at;
  fs.rmSync(at);
  return undefined;
}

/**
 * Fetches a wheel into the store, one of `wheels` for its progress line, and checks its SHA-256. What has arrived stays, so a
 * set-up that breaks off goes on with the next one.
 */
export async function fetchWheel(python, wheel, store, wheels) {
  if (await stored(wheel, store)) return;
  const what = `${wheel.name} ${wheel.version} (${wheels.indexOf(wheel) + 1} of ${wheels.length})`;
  say(`fetching ${what}, ${megabytes(wheel.bytes)}`);
  const temporary = path.join(store, 'part');
  fs.rmSync(temporary, { recursive: true, force: true });
  fs.mkdirSync(temporary);
  const limits = ['--timeout', '10', '--retries', '2', '--no-cache-dir', '--disable-pip-version-check'];
  const only = ['--no-deps', '--only-binary=:all:', '--progress-bar', 'off', ...tags, '--dest', store];
  const result = await run(
    python,
    ['-m', 'pip', 'download', ...limits, ...only, `${wheel.name}==${wheel.version}`],
    {
      env: { TMPDIR: temporary, PIP_REQUIRE_VIRTUALENV: '0' },
      seconds: 3600,
      watch: () => {
        const arrived = sizeOf(temporary);
        if (arrived > 1e6) progress(`${what}: ${megabytes(arrived)} of ${megabytes(wheel.bytes)}`);
        return arrived;
      },
      patience: 60,
    },
  );
  fs.rmSync(temporary, { recursive: true, force: true });
  if (!result.ok) {
    throw new Error(
      `pip could not download ${wheel.name} (${pipFailure(result)}); what has arrived is kept, run it again`,
    );
  }
  if (!(await stored(wheel, store)))
    throw new Error(`the SHA-256 of ${wheel.name} is not the one we know; it was not used`);
}
