/** One GET request: redirects followed with care, silence ended, and every failure reported for what it is. */
import { messageOf, printable, RxaugError, UsageError } from '../../core/index.js';
import { type Clock, retryAfter } from './patience.js';
import { RefusedError, TransientError } from './source.js';

const MOST_REDIRECTS = 5;
/** Milliseconds without a byte after which a connection counts as dead. */
export const IDLE = 60_000;

export function isHttp(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** A URL as it may be printed: without user, password, query and fragment. */
export function shownUrl(url: URL): string {
  return printable(`${url.protocol}//${url.host}${url.pathname}`, 500);
}

/** @throws UsageError for what is no URL, or holds a user or password */
export function parseHttp(owner: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url)
    throw new UsageError(`${owner}: '${printable(text.replace(/[?#].*/s, ''), 500)}' is no URL; check it`);
  if (url.username || url.password)
    throw new UsageError(
      `${owner}: the URL ${shownUrl(url)} holds a user or password, which is not sent; use a signed URL`,
    );
  return url;
}

/** An answer whose body ends after a time of silence. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  body(): AsyncIterable<Uint8Array>;
  /** Ends the connection; for whoever does not want the body. */
  drop(): Promise<void>;
}

/**
 * @param name in errors
 * @throws TransientError for what may pass; RefusedError for 401 and 403; RxaugError for a redirect that is not followed
 */
export async function get(
  name: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  time: Clock,
): Promise<Answer> {
  const silence = new AbortController();
  const both = AbortSignal.any([signal, silence.signal]);
  let stop = time.after(IDLE, () => silence.abort());
  const fail = (error: unknown) => {
    stop();
    signal.throwIfAborted();
    if (silence.signal.aborted) return new TransientError(`the server sent nothing for ${IDLE / 1000} s`);
    return networkError(name, error);
  };
  let response: Response;
  let at = url;
  try {
    for (let i = 0; ; i++) {
      response = await fetch(at, {
        headers: { 'accept-encoding': 'identity', ...headers },
        redirect: 'manual',
        signal: both,
      });
      const to = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || to === null) break;
      await response.body?.cancel();
      at = next(name, at, to, i);
    }
  } catch (error) {
    throw fail(error);
  }
  const drop = async () => {
    stop();
    await response.body?.cancel().catch(() => undefined);
  };
  const fault = faultOf(name, response);
  if (fault) {
    await drop();
    throw fault;
  }
  return {
    status: response.status,
    headers: response.headers,
    drop,
    async *body() {
      try {
        for await (const piece of response.body ?? []) {
          stop();
          yield piece as Uint8Array;
          stop = time.after(IDLE, () => silence.abort());
        }
      } catch (error) {
        throw fail(error);
      } finally {
        stop();
      }
    },
  };
}

function next(name: string, from: URL, to: string, count: number): URL {
  if (count >= MOST_REDIRECTS)
    throw new RxaugError(`${name}: it redirects more than ${MOST_REDIRECTS} times; give the final URL`);
  const url = URL.canParse(to, from) ? new URL(to, from) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    const where = url ? `a ${printable(url.protocol, 20)} URL` : 'what is no URL';
    throw new RxaugError(`${name}: it redirects to ${where}, which is not followed; give the final URL`);
  }
  if (from.protocol === 'https:' && url.protocol === 'http:')
    throw new RxaugError(
      `${name}: it redirects from https to http, which is not followed; give the final URL`,
    );
  return url;
}

function faultOf(name: string, { status, headers }: Response): Error | undefined {
  if (status === 401 || status === 403)
    return new RefusedError(
      `${name}: access is refused (${status}); check the URL, and its signature if it has one`,
    );
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return new TransientError(
      `the server answers ${status}`,
      retryAfter(headers.get('retry-after'), Date.now()),
    );
  const encoding = headers.get('content-encoding');
  if (encoding && encoding.toLowerCase() !== 'identity')
    return new RxaugError(
      `${name}: the server sends it in another encoding (${printable(encoding, 40)}) than it has; turn that off in the server`,
    );
  return undefined;
}

/** Faults that no second try mends. */
const LASTING = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/;

function networkError(name: string, error: unknown): Error {
  if (error instanceof RxaugError || error instanceof TransientError) return error;
  const cause = (error as { cause?: unknown }).cause ?? error;
  const code = (cause as { code?: unknown }).code;
  const reason = typeof code === 'string' ? code : printable(messageOf(cause), 200);
  if (LASTING.test(reason))
    return new RxaugError(`${name}: its certificate is not accepted (${reason}); check the server`, {
      cause,
    });
  if (reason === 'ENOTFOUND')
    return new RxaugError(`${name}: its server has no address (${reason}); check the URL and the network`);
  return new TransientError(`the connection failed (${reason})`, undefined, { cause });
}
