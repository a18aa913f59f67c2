/** A file in S3. */
import { printable, RxaugError } from '../../core/index.js';
import { endpointOf, isMissing, isPassing, type S3, s3Error, s3Fault } from './s3-client.js';
import type { S3Place } from './s3-place.js';
import {
  changed,
  exactly,
  RefusedError,
  type RemoteInfo,
  type RemoteSource,
  TransientError,
} from './source.js';

export class S3Source implements RemoteSource {
  readonly name: string;
  readonly identity: string;
  readonly file: string;
  private readonly at: { readonly Bucket: string; readonly Key: string };

  constructor(
    private readonly s3: S3,
    place: S3Place,
  ) {
    const { bucket, key, name } = place;
    this.name = name;
    this.identity = `${endpointOf(place) ?? ''} s3://${bucket}/${key}`;
    this.file = key.split('/').at(-1) as string;
    this.at = { Bucket: bucket, Key: key };
  }

  async look(signal: AbortSignal): Promise<RemoteInfo | undefined> {
    const { sdk, client } = this.s3;
    try {
      const head = new sdk.HeadObjectCommand(this.at);
      const { ContentLength, ETag } = await client.send(head, { abortSignal: signal });
      return { bytes: ContentLength, etag: ETag, ranges: ETag !== undefined && ContentLength !== undefined };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw this.fault(error, signal);
    }
  }

  read(
    info: RemoteInfo,
    offset: number,
    length: number | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    return exactly(this.name, this.pieces(info, offset, length, signal), length ?? info.bytes);
  }

  private async *pieces(
    info: RemoteInfo,
    offset: number,
    length: number | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const { sdk, client } = this.s3;
    const wanted = length ?? info.bytes;
    try {
      const Range = length === undefined ? undefined : `bytes=${offset}-${offset + length - 1}`;
      const command = new sdk.GetObjectCommand({ ...this.at, Range, IfMatch: info.etag });
      const answer = await client.send(command, { abortSignal: signal });
      if (answer.ETag !== undefined && answer.ETag !== info.etag)
        throw changed(this.name, `ETag ${info.etag} became ${answer.ETag}`);
      if (wanted !== undefined && answer.ContentLength !== undefined && answer.ContentLength !== wanted)
        throw new RxaugError(
          `${this.name}: the server sends ${answer.ContentLength} bytes and not the ${wanted} that were asked for; check the server`,
        );
      yield* answer.Body as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw this.fault(error, signal);
    }
  }

  private fault(error: unknown, signal: AbortSignal): unknown {
    if (error instanceof RxaugError) return error;
    if (signal.aborted) return signal.reason;
    const { status, code } = s3Fault(error);
    if (status === 412 || status === 416) return changed(this.name, `the server answers ${status}`);
    if (status === 403) return new RefusedError(s3Error(this.name, error).message);
    return isPassing(error)
      ? new TransientError(`the server fails (${printable(code, 60)})`)
      : s3Error(this.name, error);
  }
}
