/** What files an image of a folder becomes: the same layout, `name-COPY.ending`, and no two of one name. */
import { extname } from 'node:path';
import { show, UsageError } from '../../core/index.js';

/** An image of the folder, and the paths of its copies without their number and ending. */
export interface Planned {
  /** Relative, with forward slashes: `cat/7.jpg`. */
  readonly image: string;
  /** `cat/7`, or `cat/7.jpg` where `cat/7.png` is there too. */
  readonly stem: string;
}

/** Some file systems take `A.jpg` and `a.jpg`, and the spellings of one accented letter, for one name. */
const folded = (path: string) => path.normalize('NFC').toLowerCase();

/** Images whose names differ by their endings alone keep them; what would still collide is refused. */
export function planned(images: readonly string[]): Planned[] {
  const bare = (image: string) => image.slice(0, image.length - extname(image).length);
  const counts = new Map<string, number>();
  for (const image of images) {
    const key = folded(bare(image));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const owners = new Map<string, string>();
  return images.map((image) => {
    const stem = counts.get(folded(bare(image))) === 1 ? bare(image) : image;
    const other = owners.get(folded(stem));
    if (other !== undefined)
      throw new UsageError(
        `augment: ${show(image)} and ${show(other)} would become files of one name; rename one of them`,
      );
    owners.set(folded(stem), image);
    return { image, stem };
  });
}
