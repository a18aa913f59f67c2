/** Looks at images, one by one; runs in child processes, for a damaged image may end the process that decodes it. */
import { createHash } from 'node:crypto';
import { BadSampleError, messageOf } from '../../core/index.js';
import { decoderSchema } from '../../io/decode/decoder-options.js';
import { headerOf } from '../../io/decode/headers.js';
import { JpegHeader } from '../../io/decode/jpeg-header.js';
import { ImageFiles } from '../../io/files.js';
import { Decoder } from '../../io/index.js';
import { codeOf } from '../../io/problems.js';
import { type Filter, type FilterRule, madeFilter, refusedBy } from '../filters.js';
import { type MaskFile, masksDigest, storedMask } from '../mask-files.js';
import { ImageScores, type Scores } from '../score/image-scores.js';
import type { Scorer } from '../score/scoring.js';
import { storedImage } from '../stored-image.js';
import type { Facts, ScanItem, ScanLine } from './facts.js';
import { measured } from './measured.js';

/** Largest encoded image, which the decoder takes too. */
const MOST_BYTES = decoderSchema.parse({}).maxBytes;
/** Archives open at a time. */
const OPEN = 64;

interface Looked {
  readonly facts: Omit<Facts, 'index'>;
  readonly scored?: Promise<Scores>;
}

export class ImageScanner {
  private readonly decoder = new Decoder();
  private readonly files = new ImageFiles(MOST_BYTES, OPEN);
  private readonly jpeg = new JpegHeader();

  private readonly scores: ImageScores | undefined;

  private readonly before: readonly Filter[];

  /**
   * `pixels`: also decode, and measure. `scorers`: models that score the images, but for those that a filter of `before`
   * leaves out.
   */
  constructor(
    private readonly pixels: boolean,
    scorers: readonly Scorer[] = [],
    before: readonly FilterRule[] = [],
  ) {
    this.before = before.map(madeFilter);
    if (scorers.length > 0) this.scores = new ImageScores(scorers, this.decoder);
  }

  async scan(item: ScanItem): Promise<ScanLine> {
    const { line } = await this.begin(item);
    return line;
  }

  /** Reads an image. Its `line` comes when the models have scored it; until then the next one may be read. */
  async begin(item: ScanItem): Promise<{ readonly line: Promise<ScanLine> }> {
    const { index, id, masks } = item;
    try {
      const { facts, scored } = await this.look(item);
      const line = { index, ...facts, ...(masks && { masks: this.digestOf(masks, id) }) };
      const whole = scored?.then((scores) => ({ ...line, scores })) ?? Promise.resolve(line);
      whole.catch(() => undefined); // reported where it is awaited
      return { line: whole };
    } catch (error) {
      if (!(error instanceof BadSampleError)) throw error;
      const passing = codeOf(error.cause) !== undefined; // the machine failed, not the image
      return { line: Promise.resolve({ index, id, refused: messageOf(error), ...(passing && { passing }) }) };
    }
  }

  /** Ends the processes of the models: no image is scanned for now. */
  async rest(): Promise<void> {
    await this.scores?.rest();
  }

  private digestOf(masks: readonly MaskFile[], id: string): string {
    return masksDigest(masks.map((mask) => storedMask(mask, id, this.files)));
  }

  private async look({ index, id, image, label }: ScanItem): Promise<Looked> {
    const stored = storedImage(image, id, this.files);
    const { width, height, format } = await this.decoder.probe(stored.image, id);
    const sha256 = createHash('sha256').update(stored.bytes).digest('hex');
    const bytes = stored.bytes.length;
    const plain = format !== 'pixels' && this.isPlain(stored.bytes, format);
    const facts = { sha256, bytes, width, height, format, plain };
    const measures = this.pixels ? await measured(this.decoder, stored.image, id) : undefined;
    const found = { ...facts, ...measures };
    if (!this.scores || refusedBy(this.before, { index, ...found })) return { facts: found };
    const { scored } = await this.scores.ask(stored.image, id, label);
    return { facts: found, scored };
  }

  /** Turned images are turned by some readers and not by others, which then show other places under a box. */
  private isPlain(bytes: Uint8Array, format: string): boolean {
    const b = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (format === 'jpeg')
      return this.jpeg.read(b) === '' && this.jpeg.orientation === 1 && this.jpeg.components !== 4;
    return (format === 'png' || format === 'webp') && headerOf(b, format)?.sure === true;
  }

  dispose(): void {
    this.decoder.dispose();
    this.files.dispose();
  }
}
