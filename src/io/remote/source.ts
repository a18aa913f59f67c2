/** A file elsewhere, as it is read piece by piece, and what can go wrong with it. */
import { RxaugError } from '../../core/index.js';

/** What identifies the bytes of a remote file at one moment. */
export interface RemoteInfo {
  /** Undefined if the server does not say. */
  readonly bytes?: number;
  readonly etag?: string;
  /** Last-Modified, as the server writes it. */
  readonly modified?: string;
  /** Whether parts of it can be asked for, and of this very version. */
  readonly ranges: boolean;
}

export interface RemoteSource {
  /** The URL as it may be printed: without user, password and query. */
  readonly name: string;
  /** What distinguishes it from other files, in which signatures have no part. */
  readonly identity: string;
  /** Its own name, the last one of the path. */
  readonly file: string;
  /** Undefined if there is no such file. @throws TransientError, RefusedError, RxaugError */
  look(signal: AbortSignal): Promise<RemoteInfo | undefined>;
  /**
   * Bytes from `offset`, in pieces as they come; `length` undefined: the whole file, without asking for a range.
   *
   * @throws TransientError if fewer bytes came; RxaugError if it is another file than `info` describes, or more bytes came
   */
  read(
    info: RemoteInfo,
    offset: number,
    length: number | undefined,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;
}

/** It may work the next time. */
export class TransientError extends Error {
  constructor(
    readonly reason: string,
    /** Milliseconds that the server asks to wait. */
    readonly after?: number,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** The server wants other credentials, or does not say whether there is such a file. */
export class RefusedError extends RxaugError {}

/**
 * The pieces of an answer, which must have `wanted` bytes together, where that is known.
 *
 * @throws TransientError if they have fewer, RxaugError if they have more
 */
export async function* exactly(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  wanted: number | undefined,
): AsyncGenerator<Uint8Array> {
  let got = 0;
  for await (const piece of pieces) {
    got += piece.length;
    if (wanted !== undefined && got > wanted)
      throw new RxaugError(
        `${name}: more bytes came than the ${wanted} that were announced; check the server`,
      );
    yield piece;
  }
  if (wanted !== undefined && got < wanted)
    throw new TransientError(`the server broke off after ${got} of ${wanted} bytes`);
}

/** What was fetched so far belongs to another version. */
export class ChangedError extends RxaugError {}

export function changed(name: string, what: string): ChangedError {
  return new ChangedError(
    `${name}: it changed while it was read (${what}); run again when it no longer changes, or use a file that does not`,
  );
}
