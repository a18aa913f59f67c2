/** A file on a web server. */
import { RxaugError } from '../../core/index.js';
import { get, parseHttp, shownUrl } from './http-request.js';
import type { Clock } from './patience.js';
import { changed, exactly, type RemoteInfo, type RemoteSource, TransientError } from './source.js';

/** Parameters of signed URLs: they change, and the file does not. */
const SIGNING = /^(x-amz-.*|x-goog-.*|signature|expires|key-pair-id|policy|awsaccesskeyid|googleaccessid)$/i;

export class HttpSource implements RemoteSource {
  readonly name: string;
  readonly identity: string;
  readonly file: string;
  private readonly url: URL;

  constructor(
    owner: string,
    url: string,
    private readonly time: Clock,
  ) {
    this.url = parseHttp(owner, url);
    this.name = shownUrl(this.url);
    const plain = new URL(this.url);
    plain.hash = '';
    for (const key of [...plain.searchParams.keys()]) if (SIGNING.test(key)) plain.searchParams.delete(key);
    this.identity = plain.href;
    this.file = this.url.pathname.split('/').at(-1) as string;
  }

  async look(signal: AbortSignal): Promise<RemoteInfo | undefined> {
    let answer = await this.get({ range: 'bytes=0-0' }, signal);
    if (answer.status === 416) {
      // So do servers answer for an empty file.
      await answer.drop();
      answer = await this.get({}, signal);
    }
    const { status, headers } = answer;
    // A byte is read to the end, so that the connection serves for more; a whole file is not.
    if (status === 206 && lengthOf(headers) === 1) for await (const _ of answer.body());
    else await answer.drop();
    if (status === 404 || status === 410) return undefined;
    if (status !== 200 && status !== 206) throw this.odd(status);
    const info = versionOf(headers);
    if (status === 200) return { ...info, bytes: lengthOf(headers), ranges: false };
    const range = rangeOf(headers);
    if (range?.first !== 0) throw this.odd(status, headers.get('content-range'));
    return {
      ...info,
      bytes: range.total,
      ranges: range.total !== undefined && condition(info) !== undefined,
    };
  }

  async *read(
    info: RemoteInfo,
    offset: number,
    length: number | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const range: Record<string, string> =
      length === undefined ? {} : { range: `bytes=${offset}-${offset + length - 1}` };
    const only = length === undefined ? undefined : condition(info);
    const answer = await this.get({ ...range, ...(only && { 'if-range': only }) }, signal);
    try {
      this.check(info, offset, length, answer.status, answer.headers);
    } catch (error) {
      await answer.drop();
      throw error;
    }
    yield* exactly(this.name, answer.body(), length ?? info.bytes);
  }

  private check(
    info: RemoteInfo,
    offset: number,
    length: number | undefined,
    status: number,
    headers: Headers,
  ): void {
    if (status === 404 || status === 410) throw changed(this.name, `the server answers ${status}`);
    if (status === 412 || status === 416) throw changed(this.name, 'it has no such part any more');
    if (status !== 200 && status !== 206) throw this.odd(status);
    const now = versionOf(headers);
    if (info.etag !== undefined && now.etag !== undefined && now.etag !== info.etag)
      throw changed(this.name, `ETag ${info.etag} became ${now.etag}`);
    if (info.modified !== undefined && now.modified !== undefined && now.modified !== info.modified)
      throw changed(this.name, `Last-Modified '${info.modified}' became '${now.modified}'`);
    const range = status === 206 ? rangeOf(headers) : undefined;
    const total = status === 206 ? range?.total : lengthOf(headers);
    if (info.bytes !== undefined && total !== undefined && total !== info.bytes)
      throw changed(this.name, `${info.bytes} bytes became ${total}`);
    if (length === undefined) {
      if (status === 206) throw this.odd(status);
      return;
    }
    if (status === 200) throw new TransientError('the server sent the whole file instead of a part of it');
    if (range?.first !== offset || range.last !== offset + length - 1)
      throw this.odd(status, headers.get('content-range'));
  }

  private get(headers: Record<string, string>, signal: AbortSignal) {
    return get(this.name, this.url, headers, signal, this.time);
  }

  private odd(status: number, range?: string | null): RxaugError {
    const more = range === undefined ? '' : ` with the range ${JSON.stringify(range)}`;
    return new RxaugError(
      `${this.name}: the server answers ${status}${more}, which is no file; check the URL`,
    );
  }
}

function versionOf(headers: Headers): Pick<RemoteInfo, 'etag' | 'modified'> {
  return {
    etag: headers.get('etag') ?? undefined,
    modified: headers.get('last-modified') ?? undefined,
  };
}

/** What `If-Range` takes: a strong ETag, else the time of the last change. */
function condition({ etag, modified }: Pick<RemoteInfo, 'etag' | 'modified'>): string | undefined {
  return etag && !etag.startsWith('W/') ? etag : modified;
}

function lengthOf(headers: Headers): number | undefined {
  const text = headers.get('content-length');
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

function rangeOf(headers: Headers) {
  const found = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
  if (!found) return undefined;
  const [first, last, total] = found.slice(1).map((text) => (text === '*' ? undefined : Number(text)));
  return { first, last, total };
}
