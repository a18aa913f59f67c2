/** Looks at images, one by one; runs in child processes, for a damaged image may end the process that decodes it. */
import { createHash } from 'node:crypto';
import { BadSampleError, type ImageRef, messageOf } from '../../core/index.js';
import { decoderSchema } from '../../io/decode/decoder-options.js';
import { headerOf } from '../../io/decode/headers.js';
import { JpegHeader } from '../../io/decode/jpeg-header.js';
import { ImageFiles } from '../../io/files.js';
import { Decoder } from '../../io/index.js';
import { codeOf } from '../../io/problems.js';
import { type MaskFile, masksDigest, storedMask } from '../mask-files.js';
import { storedImage } from '../stored-image.js';
import type { Facts, ScanItem, ScanLine } from './facts.js';
import { measured } from './measured.js';

/** Largest encoded image, which the decoder takes too. */
const MOST_BYTES = decoderSchema.parse({}).maxBytes;
/** Archives open at a time. */
const OPEN = 64;

export class ImageScanner {
  private readonly decoder = new Decoder();
  private readonly files = new ImageFiles(MOST_BYTES, OPEN);
  private readonly jpeg = new JpegHeader();

  /** `pixels`: also decode, and measure. */
  constructor(private readonly pixels: boolean) {}

  async scan({ index, id, image, masks }: ScanItem): Promise<ScanLine> {
    try {
      return { index, ...(await this.look(image, id)), ...(masks && { masks: this.digestOf(masks, id) }) };
    } catch (error) {
      if (!(error instanceof BadSampleError)) throw error;
      const passing = codeOf(error.cause) !== undefined; // the machine failed, not the image
      return { index, id, refused: messageOf(error), ...(passing && { passing }) };
    }
  }

  private digestOf(masks: readonly MaskFile[], id: string): string {
    return masksDigest(masks.map((mask) => storedMask(mask, id, this.files)));
  }

  private async look(image: ImageRef, id: string): Promise<Omit<Facts, 'index'>> {
    const stored = storedImage(image, id, this.files);
    const { width, height, format } = await this.decoder.probe(stored.image, id);
    const sha256 = createHash('sha256').update(stored.bytes).digest('hex');
    const bytes = stored.bytes.length;
    const plain = format !== 'pixels' && this.isPlain(stored.bytes, format);
    const facts = { sha256, bytes, width, height, format, plain };
    return this.pixels ? { ...facts, ...(await measured(this.decoder, stored.image, id)) } : facts;
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
