/** A Redis server of a test's own: in a folder of its own, on a free port, stopped and started again with its data. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';

/** Why tests with a server are skipped; empty where they run. */
export const withoutRedis =
  spawnSync('redis-server', ['--version']).status === 0 ? '' : ' (skipped: redis-server is not installed)';

export class RedisServer {
  private child?: ChildProcess;

  private constructor(
    private readonly dir: string,
    readonly port: number,
    private readonly options: readonly string[],
  ) {}

  /** With a log on disk, unless `options` say otherwise. */
  static async start(dir: string, options: readonly string[] = []): Promise<RedisServer> {
    mkdirSync(dir, { recursive: true });
    const server = new RedisServer(dir, await freePort(), options);
    await server.up();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    const fixed = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.dir, '--save', ''];
    const child = spawn('redis-server', [...fixed, '--appendonly', 'yes', ...this.options], {
      stdio: 'ignore',
    });
    this.child = child;
    while (!(await answers(this.port))) {
      if (child.exitCode !== null) throw new Error(`redis-server ended with code ${child.exitCode}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async down(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  }

  /** The answer to a command, as it stands on the wire. */
  say(...words: readonly string[]): Promise<string> {
    return asked(this.port, words);
  }
}

export function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

async function answers(port: number): Promise<boolean> {
  return asked(port, ['PING']).then(
    (text) => /^(\+PONG|-NOAUTH)/.test(text),
    () => false,
  );
}

function asked(port: number, words: readonly string[]): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', fail);
    socket.once('connect', () =>
      socket.write(
        `*${words.length}\r\n${words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`,
      ),
    );
    socket.once('data', (bytes) => {
      socket.destroy();
      done(bytes.toString('utf8'));
    });
  });
}
