/** A store in a bucket of S3, or of a server that speaks its language. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { dropTemporary, isTemporary } from '../../core/files/temporary-file.js';
import { messageOf, RxaugError, UsageError } from '../../core/index.js';
import { MOST_BYTES } from '../files.js';
import { isMissing, openS3, type S3, s3Error, s3Fault } from '../remote/s3-client.js';
import { listS3 } from '../remote/s3-list.js';
import { waitFor } from '../remote/s3-patience.js';
import { parseS3, type S3Place } from '../remote/s3-place.js';
import { checkDigest, conflict, digestOfBytes, storedDigest } from './digests.js';
import { checkPath } from './paths.js';
import { abandonAt, TRIED, tidyS3 } from './s3-left.js';
import { PART, upload } from './s3-upload.js';
import type { FileDigest, FilePart, SizedFile, Store, StoredFile, Tidied } from './store.js';

/** Tries of a commit or a read. */
const TRIES = 8;
/** Milliseconds before the second of them; doubled each time. */
const PAUSE = 100;

/** @throws UsageError for a URL that is none; RxaugError if the package for S3 is not installed */
export async function openS3Store(url: string, part?: number): Promise<Store> {
  const place = parseS3('store', url);
  const prefix = place.key === '' || place.key.endsWith('/') ? place.key : `${place.key}/`;
  const s3 = await openS3('store', place);
  waitFor(s3.client, place.name);
  return new S3Store(s3, place, prefix, part);
}

class S3Store implements Store {
  readonly name: string;
  private conditional: Promise<void> | undefined;

  constructor(
    private readonly s3: S3,
    private readonly place: S3Place,
    private readonly prefix: string,
    private readonly part: number | undefined,
  ) {
    this.name = place.name.replace(/\/$/, '');
  }

  async commit(path: string, staged: string, content: FileDigest): Promise<'written' | 'same'> {
    const key = this.key(path);
    checkDigest(content);
    const handle = await this.staged(path, staged, content);
    let last: unknown;
    try {
      for (let i = 0; i < TRIES; i++) {
        if (i > 0) await setTimeout(PAUSE * 2 ** i);
        const there = await this.digestThere(path);
        if (there && (there.sha256 !== content.sha256 || there.bytes !== content.bytes))
          throw conflict(this.name, path, there, content);
        if (!there) {
          await this.checkConditional();
          const at = { bucket: this.place.bucket, key };
          const again = await upload(this.s3, { ...at, staged: handle, content, part: this.part });
          if (again) {
            last = again.failed;
            continue;
          }
        }
        // Uploads of a writer that was killed; one that lives finds its file there.
        if (this.inParts(content.bytes)) await this.abandoned(key);
        dropTemporary(staged);
        return there ? 'same' : 'written';
      }
    } catch (error) {
      throw s3Error(`${this.name}/${path}`, error);
    } finally {
      await handle.close();
    }
    throw s3Error(`${this.name}/${path}`, last);
  }

  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const at = this.at(this.key(path));
    const { sha256 } = digestOfBytes(bytes);
    await this.call(path, ({ sdk, client }) =>
      client.send(
        new sdk.PutObjectCommand({ ...at, Body: bytes, ContentLength: bytes.length, Metadata: { sha256 } }),
      ),
    );
  }

  async read(path: string, { offset = 0, length }: FilePart = {}): Promise<Uint8Array> {
    const at = this.at(this.key(path));
    // Only what is asked for by its length can be read without looking how long the file is.
    const wanted = length || (await this.rest(path, offset, length));
    if (wanted > MOST_BYTES)
      throw new RxaugError(`${this.name}/${path}: ${wanted} bytes are too many at once; read it in parts`);
    if (wanted === 0) return new Uint8Array(0);
    const Range = `bytes=${offset}-${offset + wanted - 1}`;
    let last: unknown;
    for (let i = 0; i < TRIES; i++) {
      if (i > 0) await setTimeout(PAUSE * 2 ** i);
      const { sdk, client } = this.s3;
      const response = await client.send(new sdk.GetObjectCommand({ ...at, Range })).catch((error) => {
        if (isMissing(error) || s3Fault(error).status === 416) return undefined;
        throw s3Error(`${this.name}/${path}`, error);
      });
      if (!response || (response.ContentLength ?? wanted) !== wanted) {
        response?.Body?.transformToByteArray().catch(() => undefined);
        await this.rest(path, offset, wanted); // says what is wrong
        continue;
      }
      // The client repeats a request that fails, but not one whose answer breaks off.
      const bytes = await response.Body?.transformToByteArray().catch((error: unknown) => {
        last = error;
      });
      if (bytes?.length === wanted) return bytes;
    }
    throw new RxaugError(
      `${this.name}/${path}: the server broke off ${TRIES} times${last ? ` (${messageOf(last)})` : ''}; check the network`,
    );
  }

  /** The bytes from `offset` on, or `length` of them. @throws RxaugError if there are fewer */
  private async rest(path: string, offset: number, length: number | undefined): Promise<number> {
    const there = await this.stat(path);
    const where = `${this.name}/${path}`;
    if (!there) throw new RxaugError(`${where}: there is no such file; restore it`);
    const wanted = length ?? Math.max(there.bytes - offset, 0);
    if (offset + wanted <= there.bytes) return wanted;
    throw new RxaugError(
      `${where}: it has ${there.bytes} bytes, and ${offset + wanted} are needed; restore it`,
    );
  }

  async stat(path: string): Promise<StoredFile | undefined> {
    const at = this.at(this.key(path));
    try {
      const { sdk, client } = this.s3;
      const { ContentLength = 0, Metadata } = await client.send(new sdk.HeadObjectCommand(at));
      const sha256 = Metadata?.sha256;
      return { path, bytes: ContentLength, ...(sha256 && { sha256 }) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw s3Error(`${this.name}/${path}`, error);
    }
  }

  async list(prefix = ''): Promise<StoredFile[]> {
    const below = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (below) checkPath(below.slice(0, -1));
    const found = await this.call(prefix, (s3) => listS3(s3, this.place.bucket, this.prefix + prefix));
    return found
      .map(({ key, bytes }) => ({ path: key.slice(this.prefix.length), bytes }))
      .filter(({ path }) => !path.endsWith('/') && !isTemporary(path))
      .sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
  }

  async remove(path: string): Promise<void> {
    const at = this.at(this.key(path));
    await this.call(path, ({ sdk, client }) => client.send(new sdk.DeleteObjectCommand(at)));
  }

  tidy(finished: readonly SizedFile[]): Promise<Tidied> {
    const { name, prefix } = this;
    const large = finished.filter(({ bytes }) => this.inParts(bytes)).map(({ path }) => this.key(path));
    return tidyS3(this.s3, { name, prefix, bucket: this.place.bucket }, new Set(large));
  }

  dispose(): void {
    this.s3.client.destroy();
  }

  /** An object is written twice: a server that does not refuse the second time would overwrite finished files. */
  private checkConditional(): Promise<void> {
    this.conditional ??= this.tryConditional().catch((error) => {
      this.conditional = undefined;
      throw error;
    });
    return this.conditional;
  }

  private async tryConditional(): Promise<void> {
    const { sdk, client } = this.s3;
    const at = this.at(`${this.prefix}${TRIED}.rxaug-00000000-0-${randomBytes(4).toString('hex')}.tmp`);
    const put = () =>
      client.send(new sdk.PutObjectCommand({ ...at, Body: Buffer.from('x'), IfNoneMatch: '*' }));
    await put();
    const second = await put().catch((error: unknown) => s3Fault(error));
    await client.send(new sdk.DeleteObjectCommand(at)).catch(() => undefined);
    if (!('code' in second) || second.status !== 412)
      throw new UsageError(
        `${this.name}: the server does not keep to If-None-Match, so writers could overwrite one another's files; use a server with conditional writes`,
      );
  }

  private async digestThere(path: string): Promise<FileDigest | undefined> {
    const there = await this.stat(path);
    if (!there) return undefined;
    // Of a file that was brought here by other means, only its bytes can be compared.
    return there.sha256 ? { sha256: there.sha256, bytes: there.bytes } : storedDigest(this, path);
  }

  private inParts(bytes: number): boolean {
    return bytes > (this.part ?? PART);
  }

  private async abandoned(key: string): Promise<void> {
    try {
      await abandonAt(this.s3, this.place.bucket, key);
    } catch (error) {
      if (s3Fault(error).status !== 403) throw error; // not everyone may list uploads; `tidy` says so
    }
  }

  private async staged(path: string, staged: string, content: FileDigest): Promise<FileHandle> {
    const where = `${this.name}/${path}`;
    let handle: FileHandle;
    try {
      handle = await open(staged, 'r');
    } catch (error) {
      throw new RxaugError(`${where}: its staged file ${staged} cannot be read; write it again`, {
        cause: error,
      });
    }
    const { size } = await handle.stat();
    if (size === content.bytes) return handle;
    await handle.close();
    throw new RxaugError(
      `${where}: its staged file has ${size} bytes and not ${content.bytes}; write it again`,
    );
  }

  private async call<T>(path: string, work: (s3: S3) => Promise<T>): Promise<T> {
    try {
      return await work(this.s3);
    } catch (error) {
      throw s3Error(path ? `${this.name}/${path}` : this.name, error);
    }
  }

  private key(path: string): string {
    return this.prefix + checkPath(path);
  }

  private at(key: string) {
    return { Bucket: this.place.bucket, Key: key };
  }
}
