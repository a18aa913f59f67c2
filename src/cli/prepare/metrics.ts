/**
 * Progress of a preparation for other programs: as lines of JSON in a file, and as a page that Prometheus reads
 * (text format 0.0.4, all gauges).
 */
import { createServer, type Server } from 'node:http';
import { messageOf, UsageError } from '../../core/index.js';
import type { PrepareEvents } from '../../prepare/processes.js';
import { EventLog } from '../event-log.js';

/** Milliseconds between two lines of the log. */
const EVERY = 1000;

export interface Watching {
  /** File of JSON lines. */
  readonly log?: string;
  /** Port of the page, on this machine alone. */
  readonly metrics?: number;
}

/** The same events, also written and served; `dispose` ends both. */
export async function watched(
  events: PrepareEvents,
  { log, metrics }: Watching,
): Promise<PrepareEvents & { dispose(): void }> {
  const file = log === undefined ? undefined : new EventLog(log, true);
  const gauges = new Map<string, number>();
  const server = metrics === undefined ? undefined : await serve(metrics, gauges);
  let part = '';
  let writtenAt = 0;
  return {
    status(line, share, counts = {}) {
      events.status(line, share, counts);
      gauges.set('share', share);
      for (const [name, value] of Object.entries(counts)) gauges.set(name, value);
      const now = performance.now();
      const name = /^[a-z-]+(?=:)/.exec(line)?.[0] ?? 'render';
      if (!file || (name === part && now - writtenAt < EVERY && share < 1)) return;
      [part, writtenAt] = [name, now];
      file.write({ kind: 'progress', part, share, ...counts });
    },
    notice(sentence) {
      events.notice(sentence);
      file?.write({ kind: 'notice', sentence });
    },
    dispose() {
      file?.dispose();
      server?.close();
      server?.closeAllConnections();
    },
  };
}

async function serve(port: number, gauges: ReadonlyMap<string, number>): Promise<Server> {
  const server = createServer(({ url }, response) => {
    if (url !== '/metrics') {
      response.writeHead(404).end('there is /metrics\n');
      return;
    }
    response
      .writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
      .end(pageOf(gauges));
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (error) =>
      fail(new UsageError(`--metrics: port ${port} cannot be used (${messageOf(error)}); give another one`)),
    );
    server.listen(port, '127.0.0.1', done);
  });
  server.unref();
  return server;
}

/** `allSamples` → `rxaug_prepare_all_samples`. */
function pageOf(gauges: ReadonlyMap<string, number>): string {
  const lines = [...gauges].map(([name, value]) => {
    const metric = `rxaug_prepare_${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
    return `# TYPE ${metric} gauge\n${metric} ${value}\n`;
  });
  return lines.join('');
}
