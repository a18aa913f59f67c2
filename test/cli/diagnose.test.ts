/** What doctor finds, as data and as text. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Diagnosis, diagnose, setupCommand } from '../../src/cli/doctor/diagnose.js';
import { formatDiagnosis } from '../../src/cli/doctor/format-diagnosis.js';
import { xlaPlugins } from '../../src/cli/doctor/plugins.js';

describe('diagnose', () => {
  it('finds what this machine has', async () => {
    const found = await diagnose();
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    expect(found.usable).toBe(true);
    expect(found.node.version).toBe(process.versions.node);
    expect(found.machine).toMatchObject({ sharedMemory: true, wasmSimd: true, wasmThreads: true });
    expect(found.machine.cores).toBeGreaterThanOrEqual(1);
    const [native, webgpu, wasm] = found.backends;
    expect(wasm).toMatchObject({ name: 'wasm', available: true, version: '4.22.0' });
    const isGpu = webgpu?.adapter !== undefined && !webgpu.adapter.software;
    if (!isGpu) expect(found.backend).toBe(native?.available ? 'tensorflow' : 'wasm');
    expect(found.backendWhy).toMatch(
      /^(native TensorFlow|WebGPU|WebAssembly) .*(the fastest here|a GPU$|because)/,
    );
    if (webgpu?.available) {
      expect(webgpu.version).toMatch(/^0\.\d+\.\d+/);
      expect(webgpu.adapter).toMatchObject({ vendor: expect.any(String), device: expect.any(String) });
      expect(webgpu.detail?.includes('software, not a GPU')).toBe(webgpu.adapter?.software);
    } else
      expect(webgpu).toMatchObject({
        name: 'webgpu',
        why: expect.stringMatching(/\w/),
        fix: expect.any(String),
      });
    if (native?.available) expect(native.version).toMatch(/^2\.\d+\.\d+/);
    else expect(native).toMatchObject({ why: expect.stringMatching(/\w/), fix: 'npm run setup' });
    expect(found.decoders.map(({ name }) => name)).toEqual(['turbojpeg', 'jpeg-turbo', 'sharp']);
    const [parts, ...always] = found.decoders;
    expect(always.every(({ available, version }) => available && /^\d/.test(version!))).toBe(true);
    const [why, fix] = [expect.stringContaining('JPEG is decoded whole'), expect.any(String)];
    expect(parts).toMatchObject(parts?.available ? { version: expect.stringMatching(/^\d/) } : { why, fix });
    expect(found.decoders[2]?.detail).toMatch(/libvips \d.*png.*webp/);
    expect(found.onnx).toMatchObject({ available: true, detail: expect.stringContaining('cpu') });
    expect(found.xla.length).toBeGreaterThan(0);
    for (const { name, available, pjrt, why, fix } of found.xla) {
      expect(name).toMatch(/^xla(-(cuda13|cuda12|rocm7|cpu|given))?$/);
      if (available)
        expect(pjrt).toMatchObject({
          platform: expect.any(String),
          apiVersion: expect.stringMatching(/^0\.\d+$/),
        });
      else expect([why, fix]).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/\w/)]);
    }
  });
});

describe('plugins of XLA', () => {
  const setup = (kind: string) => `npm run setup -- --xla ${kind}`;

  it('say how to get one where there is none', async () => {
    expect(await xlaPlugins(setup, [])).toEqual([
      {
        name: 'xla',
        available: false,
        why: 'no plugin of XLA is installed',
        fix: 'npm run setup -- --xla cpu',
      },
    ]);
  });

  it('that are broken, or do not answer in time, are told with what helps', async () => {
    const broken = join(tmpdir(), 'rxaug-no-such-plugin.so');
    const why = `PJRT plugin ${broken}: is not there; run rxaug setup --xla cpu, or correct the path`;
    const given = { file: broken, kind: 'given' } as const;
    expect(await xlaPlugins(setup, [given])).toEqual([
      { name: 'xla-given', available: false, why, fix: 'correct RXAUG_PJRT_PLUGIN or unset it' },
    ]);
    const [late] = await xlaPlugins(setup, [{ file: broken, kind: 'cuda13', version: '1' }], 1);
    expect(late).toMatchObject({
      name: 'xla-cuda13',
      why: 'it does not answer within 0.001 s',
      fix: "install NVIDIA's driver, 580 or later",
    });
  });
});

describe('setupCommand', () => {
  it('is the script in a clone, and the command of the package elsewhere', () => {
    const home = mkdtempSync(join(tmpdir(), 'rxaug-home-'));
    expect(setupCommand(home)).toBe('npx rxaug setup');
    mkdirSync(join(home, 'src'));
    expect(setupCommand(home)).toBe('npm run setup');
    rmSync(home, { recursive: true });
  });
});

describe('formatDiagnosis', () => {
  const healthy: Diagnosis = {
    usable: true,
    rxaug: '0.1.0',
    node: { version: '22.1.0', uvThreadpoolSize: 4 },
    machine: {
      platform: 'linux x64',
      cpu: 'Abacus 9000',
      cores: 2,
      memoryBytes: 8e9,
      sharedMemory: true,
      wasmSimd: true,
      wasmThreads: false,
    },
    backend: 'tensorflow',
    backendWhy: 'it is the fastest',
    backends: [
      { name: 'tensorflow', available: true, version: '2.21.0', detail: 'from somewhere' },
      { name: 'wasm', available: true, version: '4.22.0' },
    ],
    decoders: [{ name: 'sharp', available: true, version: '0.35.5' }],
    onnx: { name: 'onnxruntime', available: true, version: '1.30.0' },
    s3: { name: 's3', available: false, why: 'no package', fix: 'install it' },
    xla: [{ name: 'xla-cpu', available: true, version: '0.11.2', detail: 'platform cpu' }],
  };

  it('gives every part a line', () => {
    expect(formatDiagnosis(healthy).split('\n')).toEqual([
      'rxaug        0.1.0',
      'node         22.1.0 on linux x64',
      'machine      Abacus 9000, 2 cores, 8 GB',
      'WebAssembly  SIMD yes, threads no, shared memory yes',
      'libuv        4 threads (UV_THREADPOOL_SIZE, read when Node starts)',
      'tensorflow   2.21.0 (from somewhere)',
      'wasm         4.22.0',
      'xla-cpu      0.11.2 (platform cpu)',
      'sharp        0.35.5',
      'onnxruntime  1.30.0',
      's3           missing: no package',
      'trains on    tensorflow (it is the fastest)',
      '',
      'to fix:',
      '  s3: install it',
    ]);
  });

  it('says what is missing, why, and the command that fixes it', () => {
    const text = formatDiagnosis({
      ...healthy,
      backend: 'wasm',
      backends: [{ name: 'tensorflow', available: false, why: 'no compiler', fix: 'npm run setup' }],
    });
    expect(text).toContain('tensorflow   missing: no compiler');
    expect(text).toContain('to fix:\n  tensorflow: npm run setup\n  s3: install it');
    expect(text).not.toContain('cannot run');
    expect(formatDiagnosis({ ...healthy, usable: false })).toContain('rxaug cannot run here');
  });
});
