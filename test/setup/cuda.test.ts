/** The CUDA build: what is said where it cannot be had, and what the list of wheels is. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript
import { checkSpace } from '../../scripts/setup/addon.mjs';
// @ts-expect-error plain JavaScript
import { cuda, driverVersion } from '../../scripts/setup/cuda.mjs';
// @ts-expect-error plain JavaScript
import { cudaWheels } from '../../scripts/setup/cuda-wheels.mjs';

const at = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-cuda-'));
afterAll(() => fs.rmSync(at, { recursive: true }));

describe('the CUDA build', () => {
  it('reads the version of the driver, and knows when there is none', () => {
    const file = path.join(at, 'version');
    fs.writeFileSync(file, 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.10  Mon Jan 20 2025\n');
    expect(driverVersion(file)).toBe('570.86.10');
    if (!fs.existsSync('/dev/dxg')) expect(driverVersion(path.join(at, 'none'))).toBeUndefined();
  });

  it.skipIf(driverVersion() !== undefined || process.platform !== 'linux' || process.arch !== 'x64')(
    'is refused without a driver, before any download',
    async () => {
      const home = path.join(at, 'home');
      fs.mkdirSync(home);
      fs.writeFileSync(path.join(home, 'package.json'), '{"version":"4.22.0"}');
      await expect(cuda.make(home, path.join(at, 'cache'), { env: {} })).rejects.toThrow(
        /^no NVIDIA driver is found .*; install it, or add --without-driver/,
      );
      expect(fs.existsSync(path.join(at, 'cache'))).toBe(false);
    },
  );

  it('is refused where the disk is too small, with what is needed and what is free', () => {
    expect(() => checkSpace(at, 1e18)).toThrow(
      /^it needs 1000000000000 MB in .*, where \d+ MB are free; make room/,
    );
    checkSpace(at, 1);
  });

  it('names every wheel by version, size and digest, and TensorFlow first', () => {
    expect(cudaWheels[0]).toMatchObject({ name: 'tensorflow', version: '2.21.0' });
    for (const { name, version, bytes, sha256 } of cudaWheels) {
      expect(name).toMatch(/^(tensorflow|nvidia-[a-z-]+-cu12)$/);
      expect(version).toMatch(/^\d+(\.\d+)+$/);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(bytes).toBeGreaterThan(1e6);
    }
    expect(new Set(cudaWheels.map(({ name }: { name: string }) => name)).size).toBe(cudaWheels.length);
  });
});
