/** Where a queue's server is: what its URL and the environment say, and nothing of it that is secret in any message. */
import type { RedisOptions } from 'ioredis';
import { printable, UsageError } from '../core/index.js';

/** A server, ready to be connected to. */
export interface Address {
  /** `rediss://host:6379/0`: without user and password. */
  readonly name: string;
  readonly options: RedisOptions;
}

const FORM = 'redis://host:port or rediss://user:password@host:port/0';

/**
 * Reads `redis://[user:password@]host[:port][/number]`, and `rediss://` for TLS, whose certificate is checked (an own
 * authority by Node's `NODE_EXTRA_CA_CERTS`). Without them in the URL, user and password come from
 * `RXAUG_QUEUE_USERNAME` and `RXAUG_QUEUE_PASSWORD`, where no list of processes shows them.
 *
 * @throws UsageError that never repeats what stands before the @
 */
export function addressOf(text: string, env: NodeJS.ProcessEnv = process.env): Address {
  const shown = text.replace(/^.*@/s, '***@');
  const wrong = (what: string) =>
    new UsageError(`--queue: ${what} in '${printable(shown, 200)}'; give ${FORM}`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong('expected a URL');
  }
  const { protocol, hostname, search, hash } = url;
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw wrong('expected redis:// or rediss://');
  if (hostname === '') throw wrong('expected the name of a host');
  if (search !== '' || hash !== '') throw wrong('options behind ? or # are not known');
  const db = /^\/?(\d{0,5})$/.exec(url.pathname);
  if (!db) throw wrong('expected the number of a database behind the host');
  const port = Number(url.port || 6379);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const [username, password] = [url.username, url.password].map(decoded);
  if (username === undefined || password === undefined)
    throw wrong('expected % and two digits in place of odd characters of user and password');
  return {
    name: `${protocol}//${hostname}:${port}/${Number(db[1])}`,
    options: {
      host,
      port,
      db: Number(db[1]),
      username: username || env.RXAUG_QUEUE_USERNAME || undefined,
      password: password || env.RXAUG_QUEUE_PASSWORD || undefined,
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** A text whose URLs are without user and password. */
export const redacted = (text: string): string => text.replace(/([a-z][a-z0-9+.-]*:\/\/)\S*@/gi, '$1***@');
