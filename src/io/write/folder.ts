/**
 * A folder of classes: `SPLIT/CLASS/KEY.jpg`, masks in `SPLIT-masks/NAME/CLASS/KEY.png`, and `classes.txt` with the names
 * of the class folders in the order of the classes. `imageFolder('train', { classes: 'classes.txt', escaped: true })`
 * reads it back. Class names that are no legal names of folders are escaped: see `folderNames`. Meta data have no place
 * here.
 */
import { type Label, show, UsageError } from '../../core/index.js';
import { ENDINGS, SampleCheck } from './check-sample.js';
import { folderNames, pathOfKey } from './file-names.js';
import type { OutputFormat, OutputSample, OutputSchema, ShardPlace, ShardWriter } from './output.js';
import { StagedFiles } from './staged-files.js';

const OWNER = 'folder';

class FolderWriter implements ShardWriter {
  private readonly files: StagedFiles;
  private readonly folders: readonly string[];
  private readonly masks: readonly string[];
  private readonly check: SampleCheck;

  constructor(
    private readonly place: ShardPlace,
    private readonly schema: OutputSchema,
  ) {
    this.files = new StagedFiles(place.dir);
    this.check = new SampleCheck(OWNER, schema);
    this.folders = folderNames(OWNER, schema.classes);
    this.masks = folderNames(OWNER, schema.masks);
  }

  add(sample: OutputSample): void {
    const { key, image, masks = {} } = sample;
    const folder = this.folders[classOf(key, sample.label, this.folders.length)] as string;
    this.check.check(sample); // last: a key that is refused may come again
    const path = pathOfKey(key);
    const { split } = this.place;
    this.files.add(`${split}/${folder}/${path}.${ENDINGS[image.encoding]}`, image.bytes);
    for (const [name, { png }] of Object.entries(masks))
      this.files.add(
        `${split}-masks/${this.masks[this.schema.masks.indexOf(name)]}/${folder}/${path}.png`,
        png,
      );
  }

  finish() {
    return this.files.finish();
  }

  dispose(): void {
    this.files.dispose();
  }
}

/** The class of a label; a distribution has one where all of it is on one class. */
function classOf(key: string, label: Label | undefined, classes: number): number {
  const one =
    typeof label === 'number' ? label : label?.every((p) => p === 0 || p === 1) ? label.indexOf(1) : -1;
  if (Number.isInteger(one) && one >= 0 && one < classes) return one;
  const what = typeof label === 'object' ? 'a distribution over several classes' : show(label);
  throw new UsageError(
    `${OWNER}: ${show(key)}: its label is ${what}, but a folder holds images of one class each; choose webdataset or parquet`,
  );
}

/** The layout that `imageFolder` reads. */
export const folderFormat: OutputFormat = {
  name: OWNER,
  fault({ boxClasses, keypoints, labels, classes, masks }) {
    const what = boxClasses ? 'boxes' : keypoints ? 'keypoints' : undefined;
    if (what) return `${OWNER}: a folder of classes holds no ${what}; choose webdataset, parquet or coco`;
    if (!labels)
      return `${OWNER}: expected labels, by which images are put in folders, but there are none; choose webdataset or parquet`;
    try {
      folderNames(OWNER, classes);
      folderNames(OWNER, masks);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  },
  shard: (place, schema) => new FolderWriter(place, schema),
  async index(dir, _shards, { classes }) {
    const files = new StagedFiles(dir);
    files.add('classes.txt', Buffer.from(`${folderNames(OWNER, classes).join('\n')}\n`));
    return files.finish();
  },
};
