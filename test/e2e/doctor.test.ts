import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, describe, expect, it } from 'vitest';
import { MADE, MAIN, Workspace } from './command.js';

const at = new Workspace({ 'made.ts': MADE });
afterAll(() => at.dispose());

describe('rxaug doctor', () => {
  it('prints the diagnosis as text and as JSON', async () => {
    const json = await at.rxaug(['doctor', '--json']);
    const diagnosis = JSON.parse(json.stdout);
    expect(json.code).toBe(diagnosis.usable ? 0 : 1);
    expect(diagnosis.backends.map(({ name }: { name: string }) => name)).toEqual([
      'tensorflow',
      'webgpu',
      'wasm',
    ]);
    const text = await at.rxaug(['doctor']);
    expect(text.code).toBe(json.code);
    expect(text.stdout).toContain(process.versions.node);
  });
});

describe('a reader that goes away', () => {
  it('rxaug exits with 0 when its reader closes the pipe', async () => {
    const child = spawn(process.execPath, [MAIN, 'digest', 'made.ts', '--workers', '0'], { cwd: at.path });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    expect([code, stderr]).toEqual([0, '']);
  });
});
