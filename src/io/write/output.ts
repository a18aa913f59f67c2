/**
 * What every writer of data sets takes and gives. A writer knows its layout and nothing else: it writes files below a
 * staging folder, and whoever calls it moves them to their final names, in a local folder or in an object store, once
 * they are complete and on disk. Equal samples in equal order make equal bytes, whatever machine, time or user.
 */
import type { BoundingBox, Keypoint, Label } from '../../core/index.js';

/** Encodings that a written image may have. */
export type ImageEncoding = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp' | 'tiff' | 'avif';

/** A mask of ids as PNG, of the image's size. */
export interface OutputMask {
  /** Gray PNG of 8 or 16 bits. */
  readonly png: Uint8Array;
}

/** One finished sample: the canonical form between all readers and all writers. */
export interface OutputSample {
  /** Unique over the whole data set; of A-Z a-z 0-9 _ - and / alone, so without dots. */
  readonly key: string;
  readonly image: {
    /** An encoded file. */
    readonly bytes: Uint8Array;
    readonly encoding: ImageEncoding;
    /** Of the upright image. */
    readonly width: number;
    readonly height: number;
  };
  /** A class number or a distribution over the classes; absent in data without labels. */
  readonly label?: Label;
  /** VOC boxes: [x0, y0, x1, y1] in pixels; `label` is a number of `OutputSchema.boxClasses`. */
  readonly boxes?: readonly BoundingBox[];
  readonly keypoints?: readonly Keypoint[];
  /** By name. */
  readonly masks?: Readonly<Record<string, OutputMask>>;
  /** Plain JSON that travels along: the original name, the recipe, where it comes from. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/** What holds for all samples of a data set. */
export interface OutputSchema {
  readonly name: string;
  readonly classes: readonly string[];
  /** Names of the classes of boxes; absent where there are no boxes. */
  readonly boxClasses?: readonly string[];
  /** Names of the masks that samples may have. */
  readonly masks: readonly string[];
  readonly keypoints: boolean;
  /** False: samples have no labels. */
  readonly labels: boolean;
}

/** A file that a writer made, relative to the staging folder, with forward slashes. */
export interface OutputFile {
  readonly path: string;
  readonly bytes: number;
  /** Of its bytes, as they were meant to be written. */
  readonly sha256: string;
}

/** Writes the samples of one shard. */
export interface ShardWriter {
  /** @throws UsageError for a sample that the format cannot hold, by the sample's key; the writer can continue */
  add(sample: OutputSample): void | Promise<void>;
  /** Completes the files and syncs them. */
  finish(): Promise<readonly OutputFile[]>;
  /** Removes what was not finished. */
  dispose(): void;
}

/** The place of a shard among the others. */
export interface ShardPlace {
  /** Staging folder. */
  readonly dir: string;
  /** `train`, `val`, … */
  readonly split: string;
  /** 0-based, within its split. */
  readonly index: number;
  /** Shards of the split. */
  readonly count: number;
}

/** A finished shard, for `OutputFormat.index`: its files, and how many samples they hold. */
export interface FinishedShard {
  readonly split: string;
  readonly index: number;
  readonly samples: number;
  readonly files: readonly OutputFile[];
}

/** A layout of data sets. */
export interface OutputFormat {
  readonly name: string;
  /** It holds pixels and decodes what it is given: images come without loss, as BMP. */
  readonly pixels?: boolean;
  /** Why data of this schema cannot be written so, in one sentence; undefined if they can. */
  fault?(schema: OutputSchema): string | undefined;
  shard(place: ShardPlace, schema: OutputSchema): ShardWriter;
  /**
   * Files that describe all shards (`index.json`, `classes.txt`, merged annotations), made once when all are there.
   *
   * @param dir staging folder for the new files
   * @param read the bytes of a file of a finished shard, wherever it is by now
   */
  index?(
    dir: string,
    shards: readonly FinishedShard[],
    schema: OutputSchema,
    read: (file: string) => Promise<Uint8Array>,
  ): Promise<readonly OutputFile[]>;
}
