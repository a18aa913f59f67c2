/** Runs the built `rxaug` as a user would, in a folder of the test's own. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Record<string, string>;
  /** Called once, with a way to send signals. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Called with all of stderr so far, and a way to send signals. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

export class Workspace {
  readonly path = mkdtempSync(join(tmpdir(), 'rxaug-cli-'));

  constructor(files: Record<string, string | Uint8Array> = {}) {
    for (const [name, content] of Object.entries(files)) this.write(name, content);
  }

  write(name: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), content);
  }

  rxaug(args: readonly string[], { env = {}, onStart, onStderr }: CommandOptions = {}): Promise<Ended> {
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, [MAIN, ...args], {
        cwd: this.path,
        env: { ...process.env, RXAUG_CACHE: join(this.path, 'cache'), ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [stdout, stderr] = ['', ''];
      onStart?.((signal) => child.kill(signal));
      child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text;
        onStderr?.(stderr, (signal) => child.kill(signal));
      });
      child.on('error', fail);
      child.on('close', (code) => done({ code, stdout, stderr }));
    });
  }

  dispose(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A pipeline over 60 made pictures of 8×8 in two classes, bright and dark. */
export const MADE = `
import { arrays, batch, cutout, definePipeline, horizontalFlip, type Arrays, mixup, normalize, padCrop } from 'rxaug';

export const made = (count: number): Arrays => ({
  images: Uint8Array.from({ length: count * 192 }, (_, i) => 90 * (Math.floor(i / 192) % 2) + ((i * 7919) % 101)),
  labels: Array.from({ length: count }, (_, i) => i % 2),
  width: 8,
  height: 8,
  classes: ['dark', 'bright'],
});

export default definePipeline({
  name: 'made',
  settings: { count: 60, epochs: 3, mixup: 0.5 },
  batches: ({ settings, seed, workers }) =>
    arrays(made(settings.count), { seed, epochs: settings.epochs, shuffle: true }).pipe(
      horizontalFlip(), padCrop(2), normalize(), cutout(2), batch(8, { workers }), mixup(settings.mixup),
    ),
});
`;
