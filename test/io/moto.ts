/** A server of S3 for tests: Python's moto, where it is installed (`.ci/run` puts it into .rxaug/python). */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, vi } from 'vitest';
import { openS3 } from '../../src/io/remote/s3-client.js';
import { parseS3 } from '../../src/io/remote/s3-place.js';

const modules = [
  process.env.RXAUG_TEST_PYTHON_MODULES,
  fileURLToPath(new URL('../../.rxaug/python', import.meta.url)),
].filter((folder) => folder !== undefined && fs.existsSync(folder));
const env = {
  ...process.env,
  PYTHONPATH: [...modules, process.env.PYTHONPATH].filter(Boolean).join(path.delimiter),
};
const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import moto.server'], { env }).status === 0,
);

const hasSdk = (() => {
  try {
    createRequire(import.meta.url).resolve('@aws-sdk/client-s3');
    return true;
  } catch {
    return false;
  }
})();

/** Why tests of S3 cannot run here; '' if they can. */
export const noS3 = !python
  ? "Python's moto is not installed"
  : hasSdk
    ? ''
    : '@aws-sdk/client-s3 is not installed';

/** What the client of S3 finds in the environment. */
export const credentials = {
  AWS_ACCESS_KEY_ID: 'test-key-id',
  AWS_SECRET_ACCESS_KEY: 'test-secret-key',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** Starts a server before the tests of a block, with credentials in the environment; both are gone after them. */
export function withMoto(use: (moto: Moto) => void): void {
  let moto: Moto | undefined;
  beforeAll(async () => {
    for (const [name, value] of Object.entries(credentials)) vi.stubEnv(name, value);
    moto = await Moto.start();
    use(moto);
  });
  afterAll(async () => {
    await moto?.stop();
    vi.unstubAllEnvs();
  });
}

/** Pass it on, never answer, break off after a byte, or this status. */
type Answer = 'pass' | 'hang' | 'cut' | number;

export class Moto {
  private constructor(
    private readonly child: ChildProcess,
    readonly endpoint: string,
  ) {}

  /** Starts a server on a free port; it ends with `stop`. */
  static start(): Promise<Moto> {
    const child = spawn(python as string, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
      env: { ...env, PYTHONUNBUFFERED: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    return new Promise((resolve, reject) => {
      child.stderr?.on('data', (text) => {
        said += text;
        const found = /Running on (http:\/\/[\d.:]+)/.exec(said);
        if (found) resolve(new Moto(child, found[1] as string));
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`moto ended: ${said}`)));
    });
  }

  /** A new bucket's URL, with the endpoint. */
  async bucket(name: string, below = ''): Promise<string> {
    const { S3Client, CreateBucketCommand } = await import('@aws-sdk/client-s3');
    const client = new S3Client({ endpoint: this.endpoint, region: 'us-east-1', forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: name }));
    client.destroy();
    return this.url(`${name}${below}`);
  }

  /** A new bucket with files, by their names below `/sets/one`; that folder's URL. */
  async bucketOf(name: string, dir: string, names: Iterable<string>): Promise<string> {
    const url = await this.bucket(name, '/sets/one');
    const place = parseS3('test', url);
    const { sdk, client } = await openS3('test', place);
    for (const one of names) {
      const at = { Bucket: place.bucket, Key: `${place.key}/${one}` };
      await client.send(new sdk.PutObjectCommand({ ...at, Body: fs.readFileSync(path.join(dir, one)) }));
    }
    client.destroy();
    return url;
  }

  url(place: string): string {
    return `s3://${place}?endpoint=${this.endpoint}`;
  }

  /** A server that passes requests on to this one, but for those that a test wants otherwise. */
  async proxy(
    url: string,
    answer: (request: http.IncomingMessage, response: http.ServerResponse) => Answer | Promise<Answer>,
  ) {
    const server = http.createServer(async (request, response) => {
      const what = await answer(request, response);
      if (what === 'hang') return;
      if (typeof what === 'number') {
        const code = { 403: 'AccessDenied', 409: 'ConditionalRequestConflict', 503: 'SlowDown' }[what];
        request.resume();
        request.on('end', () => {
          response.writeHead(what, { 'content-type': 'application/xml' });
          response.end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
        });
        return;
      }
      const to = new URL(request.url as string, this.endpoint);
      const { method, headers } = request;
      const passed = http.request(to, { method, headers }, (answered) => {
        response.writeHead(answered.statusCode as number, answered.headers);
        if (what === 'pass') answered.pipe(response);
        else answered.once('data', (chunk) => response.write(chunk.subarray(0, 1), () => response.destroy()));
      });
      request.pipe(passed);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      url: url.replace(/endpoint=.*/, `endpoint=http://127.0.0.1:${port}`),
      close: () => {
        server.closeAllConnections();
        server.close();
      },
    };
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}
