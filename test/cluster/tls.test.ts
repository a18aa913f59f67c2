/** A queue over TLS: a Redis with a certificate made here, which workers trust by NODE_EXTRA_CA_CERTS and not otherwise. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killAll, pipelineIn, Running, treeOf } from './queued.js';
import { freePort, RedisServer, withoutRedis } from './redis-server.js';

/** Why these tests are skipped; empty where they run. */
function why(): string {
  if (withoutRedis) return withoutRedis;
  // With neither port it reads its options and ends.
  const { stderr } = spawnSync('redis-server', ['--port', '0', '--tls-port', '0']);
  if (/bad directive/i.test(String(stderr))) return ' (skipped: redis-server was built without TLS)';
  return spawnSync('openssl', ['version']).status === 0 ? '' : ' (skipped: openssl is not installed)';
}
const without = why();

const root = mkdtempSync(join(tmpdir(), 'rxaug-queue-tls-'));
const certificate = join(root, 'certificate.pem');
const begin = (args: readonly string[], env?: Record<string, string>) => new Running(args, env);

describe.skipIf(without !== '')(`a queue over TLS${without}`, () => {
  let script = '';
  let redis: RedisServer;
  let port = 0;
  beforeAll(async () => {
    script = await pipelineIn(root, 4, 64);
    const key = join(root, 'key.pem');
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
      ...['-keyout', key, '-out', certificate],
    ]);
    expect(made.status, String(made.stderr)).toBe(0);
    port = await freePort();
    redis = await RedisServer.start(join(root, 'redis'), [
      ...['--tls-port', String(port), '--tls-cert-file', certificate, '--tls-key-file', key],
      ...['--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no', '--requirepass', 'hunter2'],
    ]);
  });
  afterAll(async () => {
    killAll();
    await redis?.down();
    rmSync(root, { recursive: true, force: true });
  });

  it('carries a preparation, with the password in the environment', async () => {
    const [out, here] = [join(root, 'out'), join(root, 'here')];
    expect((await begin(['prepare', script, '--out', here, '--workers', '1']).ended).code).toBe(0);
    const env = { NODE_EXTRA_CA_CERTS: certificate, RXAUG_QUEUE_PASSWORD: 'hunter2' };
    const queue = ['--queue', `rediss://localhost:${port}`, '--out', out, '--workers', '1'];
    const works = begin(['worker', ...queue], env);
    const { code, text } = await begin(['prepare', script, ...queue], env).ended;
    expect(code, text).toBe(0);
    const end = await works.ended;
    expect(end.code, end.text).toBe(0);
    expect(end.text).toMatch(/out: [1-9]\d* shards rendered here/);
    expect(treeOf(out)).toEqual(treeOf(here));
  });

  it.each([
    ['a certificate of an unknown authority', 'rediss', 'localhost', {}, /self[- ]signed certificate/],
    ['a certificate of another host', 'rediss', '127.0.0.1', { NODE_EXTRA_CA_CERTS: certificate }, /IP/],
    ['a client without TLS', 'redis', 'localhost', {}, /does not answer/],
  ])('refuses %s in one sentence', async (_, protocol, host, env, reason) => {
    const url = `${protocol}://:hunter2@${host}:${port}`;
    const { code, text } = await begin(['worker', '--queue', url, '--out', join(root, 'none')], env).ended;
    expect(code, text).toBe(1);
    expect(text).toMatch(reason);
    expect(text).toMatch(/the queue's server does not answer \(.*\); check that it runs and who may enter/);
    expect(text).not.toContain('hunter');
    expect(text.trim().split('\n').length, text).toBe(1);
  });
});
