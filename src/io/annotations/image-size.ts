/** The upright size of an image file, from its first bytes where they hold it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { messageOf } from '../../core/index.js';
import { Decoder } from '../decode/decode.js';
import { JpegHeader } from '../decode/jpeg-header.js';
import { swapsSides } from '../decode/orient.js';
import { unreadable } from '../files.js';
import { codeOf } from '../problems.js';

/** Holds the header of nearly every JPEG, its thumbnail included. */
const HEAD = 64 << 10;

export interface Size {
  readonly width: number;
  readonly height: number;
  /** Its EXIF data turn it by a quarter. */
  readonly turned: boolean;
}

/** Reads sizes of many files, one after the other. */
export class ImageSizes {
  private readonly decoder = new Decoder();
  private readonly header = new JpegHeader();
  private readonly head = Buffer.alloc(HEAD);

  /** The size, or the reason why there is none. */
  async of(path: string): Promise<Size | string> {
    try {
      const length = this.readHead(path);
      if (length === 0) return 'it is empty; restore the image or remove it';
      const head = this.head.subarray(0, length);
      if (head[0] === 0xff && head[1] === 0xd8 && this.header.read(head) === '') {
        const { width, height, orientation } = this.header;
        const turned = swapsSides(orientation);
        return turned ? { width: height, height: width, turned } : { width, height, turned };
      }
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      return unreadable(error, path);
    }
    try {
      const { width, height } = await this.decoder.probe({ kind: 'file', path }, path);
      return { width, height, turned: false };
    } catch (error) {
      const message = messageOf(error);
      return message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
    }
  }

  private readHead(path: string): number {
    const fd = openSync(path, 'r');
    try {
      return readSync(fd, this.head, 0, HEAD, 0);
    } finally {
      closeSync(fd);
    }
  }

  dispose(): void {
    this.decoder.dispose();
  }
}
