import { messageOf, show, UsageError } from '../../core/index.js';
import { Decoder } from '../decode/decode.js';
import { pngIds } from '../decode/png-ids.js';
import { HEAD_BYTES, rawFooter, rawHead } from '../raw/layout.js';
import { SampleCheck } from './check-sample.js';
import { shardBase } from './file-names.js';
import type {
  OutputFile,
  OutputFormat,
  OutputSample,
  OutputSchema,
  ShardPlace,
  ShardWriter,
} from './output.js';
import { plainJson } from './plain-json.js';
import { StagedFile } from './staged-file.js';

const OWNER = 'raw';

/**
 * The raw cache: images of one size as pixels, uint8 [N, H, W, 3], that `openRawCache` reads without decoding. A shard is
 *
 * - `train-000000.raw`: 64 bytes that give the size, the images one behind the other, and a footer with class numbers and
 *   keys (see `layout.ts`); `numpy.memmap(path, 'uint8', 'r', 64, (N, H, W, 3))` has the images;
 * - `train-000000.NAME.ids`: the masks of that name in the same form, one channel of 8 or 16 bits, where there are any;
 * - `train-000000.jsonl`: a line a sample, `{ key, boxes?, keypoints?, masks?, meta }`.
 *
 * Images are decoded once, when they are added: give them without loss (`bmp`, the quickest here, or `png`). All images of a
 * shard have the size of the first; another is refused.
 */
export const rawFormat: OutputFormat = {
  name: OWNER,
  pixels: true,
  fault({ masks }) {
    const odd = masks.find((name) => !/^[A-Za-z0-9_-]+$/.test(name));
    return odd === undefined
      ? undefined
      : `${OWNER}: the mask ${show(odd)} cannot be a part of a file's name; name it with A-Z a-z 0-9 _ and - alone`;
  },
  shard: (place, schema) => new RawShard(place, schema),
};

/** A mask's file, once the first sample that has it has come. */
interface MaskFile {
  readonly file: StagedFile;
  readonly bits: 8 | 16;
}

class RawShard implements ShardWriter {
  private readonly base: string;
  private readonly check: SampleCheck;
  private readonly images: StagedFile;
  private readonly lines: StagedFile;
  private readonly masks = new Map<string, MaskFile>();
  private readonly decoder = new Decoder();
  private size?: { readonly width: number; readonly height: number };
  private readonly keys: string[] = [];
  private readonly labels: (number | Float32Array)[] = [];
  /** Samples with boxes, keypoints or masks. */
  private targets = 0;

  constructor(
    private readonly place: ShardPlace,
    private readonly schema: OutputSchema,
  ) {
    this.base = shardBase(place);
    this.check = new SampleCheck(OWNER, schema);
    this.images = new StagedFile(place.dir, `${this.base}.raw`);
    this.lines = new StagedFile(place.dir, `${this.base}.jsonl`);
  }

  async add(sample: OutputSample): Promise<void> {
    const { key, image, label, boxes, keypoints, masks = {}, meta } = sample;
    const where = `${OWNER}: ${show(key)}`;
    const { data, width, height } = await this.pixels(where, image.bytes);
    const size = this.size ?? { width, height };
    if (width !== image.width || height !== image.height)
      throw new UsageError(
        `${where}: its image has ${width}×${height} pixels, not the ${image.width}×${image.height} that it is said to have; correct its size`,
      );
    if (width !== size.width || height !== size.height)
      throw new UsageError(
        `${where}: expected ${size.width}×${size.height} pixels, as the shard's first image has, but received ${width}×${height}; resize all images to one size`,
      );
    const ids = Object.keys(masks)
      .sort()
      .map((name) => this.ids(where, name, (masks[name] as { png: Uint8Array }).png));
    const fields = { key, boxes, keypoints, masks: ids.map(({ name }) => name), meta };
    const line = plainJson(where, { ...fields, ...(ids.length === 0 && { masks: undefined }) });
    this.check.check(sample);
    this.begin(size);
    this.images.write(data.subarray(0, 3 * width * height));
    for (const { name, bits, bytes } of ids) this.writeMask(name, bits, bytes, size);
    this.lines.write(`${line}\n`);
    this.keys.push(key);
    if (boxes || keypoints || ids.length > 0) this.targets++;
    if (label !== undefined) this.labels.push(label);
  }

  async finish(): Promise<readonly OutputFile[]> {
    const { size, schema, keys, labels } = this;
    if (!size) throw new UsageError(`${OWNER}: ${this.base} has no sample; add one, or write no shard`);
    const { classes, boxClasses } = schema;
    const lines = await this.lines.finish();
    const masks = [...this.masks].map(([name, { file, bits }]) => ({ name, bits, file: file.path }));
    const description = {
      ...size,
      channels: 3,
      bits: 8,
      name: schema.name,
      ...(schema.labels && { classes }),
      ...(boxClasses && { boxClasses }),
      ...(masks.length > 0 && { masks }),
      targets: this.targets,
      lines: { file: lines.path, sha256: lines.sha256 },
    };
    const content = { keys, ...(schema.labels && { labels }), classes: classes.length };
    this.images.write(rawFooter(this.images.bytes, description, content));
    const files = [await this.images.finish(), lines];
    for (const [name, { file, bits }] of this.masks) {
      this.fill(name);
      file.write(
        rawFooter(file.bytes, { ...size, channels: 1, bits, name }, { keys: [], count: keys.length }),
      );
      files.push(await file.finish());
    }
    this.decoder.dispose();
    return files;
  }

  dispose(): void {
    this.decoder.dispose();
    this.images.dispose();
    this.lines.dispose();
    for (const { file } of this.masks.values()) file.dispose();
  }

  private async pixels(where: string, bytes: Uint8Array) {
    try {
      return await this.decoder.decode({ kind: 'bytes', bytes }, undefined, 'its image');
    } catch (error) {
      throw new UsageError(`${where}: ${messageOf(error)}`, { cause: error });
    }
  }

  private begin(size: { readonly width: number; readonly height: number }): void {
    if (this.size) return;
    this.size = size;
    this.images.write(rawHead({ ...size, channels: 3, bits: 8 }));
  }

  private ids(where: string, name: string, png: Uint8Array) {
    let ids: ReturnType<typeof pngIds>;
    try {
      ids = pngIds(Buffer.from(png.buffer, png.byteOffset, png.byteLength), Number.MAX_SAFE_INTEGER);
    } catch (error) {
      throw new UsageError(`${where}: mask ${show(name)}: ${messageOf(error)}`, { cause: error });
    }
    const known = this.masks.get(name);
    const bits = known?.bits ?? (ids.data instanceof Uint16Array ? 16 : 8);
    if (bits === 8 && ids.data.some((id) => id > 255))
      throw new UsageError(
        `${where}: mask ${show(name)}: it has ids above 255, but the shard's first mask of that name has 8 bits; write all of them with 16 bits`,
      );
    const bytes = Buffer.alloc(ids.data.length * (bits >> 3));
    if (bits === 8) bytes.set(ids.data);
    else
      ids.data.forEach((id, i) => {
        bytes.writeUInt16LE(id, 2 * i);
      });
    return { name, bits, bytes } as const;
  }

  private writeMask(
    name: string,
    bits: 8 | 16,
    bytes: Buffer,
    size: { width: number; height: number },
  ): void {
    let mask = this.masks.get(name);
    if (!mask) {
      mask = { file: new StagedFile(this.place.dir, `${this.base}.${name}.ids`), bits };
      mask.file.write(rawHead({ ...size, channels: 1, bits }));
      this.masks.set(name, mask);
    }
    this.fill(name);
    mask.file.write(bytes);
  }

  /** Zeros for the samples so far that have no such mask; their lines do not name it. */
  private fill(name: string): void {
    const { file, bits } = this.masks.get(name) as MaskFile;
    const { width, height } = this.size as { width: number; height: number };
    const area = width * height * (bits >> 3);
    while (file.bytes < HEAD_BYTES + this.keys.length * area) file.write(Buffer.alloc(area));
  }
}
