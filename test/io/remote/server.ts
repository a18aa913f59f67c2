/** A web server for tests, that answers as told: with ranges and an ETag unless something else is asked of it. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Clock } from '../../../src/io/remote/patience.js';

export interface Served {
  bytes: Buffer;
  etag?: string;
  modified?: string;
  /** False: the server knows no ranges. */
  ranges?: boolean;
  /** False: chunked, without a length. */
  length?: boolean;
}

type Hook = (request: http.IncomingMessage, response: http.ServerResponse, n: number) => boolean;

export class Server {
  readonly files = new Map<string, Served>();
  /** Method, path and range of every request. */
  readonly seen: string[] = [];
  /** Answers a request itself, and returns true; n counts from 0. */
  hook: Hook = () => false;
  private constructor(
    private readonly server: http.Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<Server> {
    const server = http.createServer((request, response) => self.answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const self: Server = new Server(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return self;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Has all files of a folder at this path. @returns its URL */
  serve(dir: string, at: string): string {
    for (const name of filesIn(dir)) {
      const encoded = name.split('/').map(encodeURIComponent).join('/');
      this.files.set(`${at}/${encoded}`, { bytes: readFileSync(join(dir, name)), etag: `"${encoded}"` });
    }
    return `${this.origin}${at}`;
  }

  /** Refuses what has this in its URL, as servers do of files that must not be read. */
  refuse(urls: RegExp): void {
    this.hook = ({ url }, response) => urls.test(`${url}`) && Boolean(response.writeHead(403).end());
  }

  /** Ranges that were asked for, without the look at the first byte. */
  get ranges(): string[] {
    return this.seen.map((text) => text.split(' ')[2] ?? '').filter((range) => range !== 'bytes=0-0');
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { pathname } = new URL(request.url as string, this.origin);
    const n = this.seen.length;
    this.seen.push(`${request.method} ${pathname} ${request.headers.range ?? 'all'}`);
    if (this.hook(request, response, n)) return;
    const file = this.files.get(pathname);
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    send(request, response, file);
  }
}

/** All files below a folder, relative to it. */
export const filesIn = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath ?? entry.path, entry.name).slice(dir.length + 1)] : [],
  );

export function send(request: http.IncomingMessage, response: http.ServerResponse, file: Served): void {
  const { bytes, etag, modified, ranges = true, length = true } = file;
  if (etag) response.setHeader('etag', etag);
  if (modified) response.setHeader('last-modified', modified);
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const condition = request.headers['if-range'];
  const holds = condition === undefined || condition === etag || condition === modified;
  if (!ranges || !range || !holds) {
    if (length) response.setHeader('content-length', bytes.length);
    response.writeHead(200);
    if (!length) response.flushHeaders();
    response.end(bytes);
    return;
  }
  const first = Number(range[1]);
  const last = Math.min(Number(range[2]), bytes.length - 1);
  if (first >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  response.writeHead(206, {
    'content-range': `bytes ${first}-${last}/${bytes.length}`,
    'content-length': last - first + 1,
  });
  response.end(bytes.subarray(first, last + 1));
}

/** Time that passes when the test says so. */
export function fakeTime() {
  const waits: number[] = [];
  const silences = new Set<() => void>();
  const time: Clock = {
    async sleep(ms, signal) {
      signal.throwIfAborted();
      waits.push(ms);
    },
    after(_, then) {
      silences.add(then);
      return () => silences.delete(then);
    },
  };
  /** What happens when nothing came for long enough. */
  const silence = async () => {
    await vi.waitUntil(() => silences.size > 0, { timeout: 60_000, interval: 1 });
    for (const then of silences) then();
  };
  return { time, waits, silence };
}
