/**
 * The client of S3, loaded when it is first needed. Credentials come from the chain of the environment alone (variables,
 * profiles, roles of the machine) and are never printed: errors carry no request.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { AwayError } from '../../core/files/away-error.js';
import { absent, isAbsent, messageOf, printable, RxaugError } from '../../core/index.js';
import type { S3Place } from './s3-place.js';

export const S3_PACKAGE = '@aws-sdk/client-s3';

type Sdk = typeof import('@aws-sdk/client-s3');

/** A client with the commands of its package. */
export interface S3 {
  readonly sdk: Sdk;
  readonly client: S3Client;
}

/** The server of a place, of its URL or of the environment; undefined for Amazon's. */
export function endpointOf({ endpoint }: Pick<S3Place, 'endpoint'>): string | undefined {
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 } = process.env;
  return endpoint ?? (AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL || undefined);
}

/** @throws RxaugError if the package is not installed */
export async function openS3(owner: string, at: S3Place): Promise<S3> {
  let sdk: Sdk;
  // It says on every start that later versions will need a later Node; the version here is pinned.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  try {
    sdk = await import('@aws-sdk/client-s3');
  } catch (error) {
    if (isAbsent(error, S3_PACKAGE))
      throw new RxaugError(absent(S3_PACKAGE, `${owner}: reading and writing S3`));
    throw error;
  }
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const server = endpointOf(at);
  const region = at.region ?? (AWS_REGION || AWS_DEFAULT_REGION || (server && 'us-east-1'));
  const client = new sdk.S3Client({
    // Buckets as subdomains are Amazon's; other servers have them in the path.
    ...(server && { endpoint: server, forcePathStyle: true }),
    ...(region && { region }),
    followRegionRedirects: true,
    maxAttempts: 3,
    // Servers other than Amazon's refuse the checksums that the client would add.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
  });
  return { sdk, client };
}

/** What an error of the client says. */
export interface S3Fault {
  readonly status?: number;
  /** `NoSuchKey`, `PreconditionFailed`, `ECONNREFUSED`. */
  readonly code: string;
}

export function s3Fault(error: unknown): S3Fault {
  const { name, code, $metadata } = (error ?? {}) as {
    name?: string;
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  return {
    status: $metadata?.httpStatusCode,
    code: typeof code === 'string' ? code : printable(name ?? 'Error', 60),
  };
}

/** Whether the server says that there is no such file. */
export function isMissing(error: unknown): boolean {
  const { status, code } = s3Fault(error);
  return status === 404 && code !== 'NoSuchBucket' && code !== 'NoSuchUpload';
}

/** Whether a request may succeed later: the connection failed, or the server is overloaded or being repaired. */
export function isPassing(error: unknown): boolean {
  if (error instanceof RxaugError) return false;
  const { status, code } = s3Fault(error);
  // Without a status the connection failed, unless credentials or the region are wanting.
  if (status === undefined)
    return !/^(CredentialsProviderError|ENOTFOUND)$/.test(code) && !/region/i.test(messageOf(error));
  return status === 429 || status >= 500 || isBroken(code);
}

/** The answer started well, and broke off. */
const isBroken = (code: string) => /^(ECONN|ERR_STREAM|EPIPE|TimeoutError)/.test(code);

const REASONS: Readonly<Record<string, readonly [reason: string, fix: string]>> = {
  NoSuchBucket: ['there is no such bucket', 'check its name, its region and the endpoint'],
  NoSuchKey: ['there is no such file', 'check its name'],
  NotFound: ['there is no such file', 'check its name'],
  CredentialsProviderError: [
    'no credentials were found',
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
  ],
  InvalidAccessKeyId: ['the access key is unknown', 'check AWS_ACCESS_KEY_ID'],
  SignatureDoesNotMatch: ['the secret key is wrong', 'check AWS_SECRET_ACCESS_KEY'],
  ExpiredToken: ['the credentials have expired', 'renew them'],
  ECONNREFUSED: ['nothing answers at the endpoint', 'check the endpoint, and that its server runs'],
  ENOTFOUND: ['the endpoint has no address', 'check the endpoint and the network'],
  EAI_AGAIN: ['the endpoint has no address', 'check the endpoint and the network'],
  TimeoutError: ['the server does not answer', 'check the network and try again'],
};

/** An error of the client as one sentence, an AwayError where it may pass. An error that is one of ours already stays as it is. */
export function s3Error(where: string, error: unknown): RxaugError {
  if (error instanceof RxaugError) return error;
  const [reason, fix] = reasonOf(error);
  return isPassing(error) ? new AwayError(where, reason, fix) : new RxaugError(`${where}: ${reason}; ${fix}`);
}

function reasonOf(error: unknown): readonly [reason: string, fix: string] {
  const { status, code } = s3Fault(error);
  const known = REASONS[code] ?? (status === 404 ? REASONS.NotFound : undefined);
  if (known) return [`${known[0]} (${code})`, known[1]];
  if (/region is missing/i.test(messageOf(error)))
    return ['the region is unknown', 'set AWS_REGION, or add ?region=NAME to the URL'];
  if (status === 403) return [`access is denied (${code})`, "check the credentials and the bucket's policy"];
  const text = messageOf(error).split('\n', 1)[0] as string;
  const name = status === undefined ? code : `${status} ${code}`;
  return [`the server refuses it (${name}: ${printable(text, 300)})`, 'try again, and check the endpoint'];
}
