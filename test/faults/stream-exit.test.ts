/** A process that leaves a stream ends by itself: nothing keeps it alive. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./plugins/leave.mjs', import.meta.url));
const BUILD = new URL('../../dist/', import.meta.url).href;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

function leave(how: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT, BUILD, how], { timeout: 300_000 });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => {
      out += data;
    });
    child.stderr.on('data', (data) => {
      err += data;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
}

describe('a process', () => {
  for (const how of ['return', 'cancel', 'inline', 'subscribe', 'forget', 'hang']) {
    it(`ends when its stream is left by ${how}`, async () => {
      expect(await leave(how)).toEqual({ code: 0, signal: null, out: 'left\n', err: '' });
    });
  }

  it('ends when its consumer fails', async () => {
    const { code, out, err } = await leave('throw');
    expect([code, out]).toEqual([1, 'left\n']);
    expect(err).toMatch(/the consumer is at fault/);
  });
});
