import { show } from '../../core/index.js';
import { TAR_END, writeTarEntry } from '../archive/tar-entry.js';
import { ENDINGS, SampleCheck } from './check-sample.js';
import { shardBase } from './file-names.js';
import type {
  FinishedShard,
  OutputFile,
  OutputFormat,
  OutputSample,
  OutputSchema,
  ShardPlace,
  ShardWriter,
} from './output.js';
import { plainJson } from './plain-json.js';
import { StagedFile, stageText } from './staged-file.js';

const OWNER = 'webdataset';

/**
 * WebDataset tar shards, `train-000000.tar`, as `openWebdataset` and Python's `webdataset` read them. A sample is
 *
 * - `KEY.jpg` (or `.png`, `.webp`, …): the bytes of its image as they were given;
 * - `KEY.cls`: its class number, unless its label is a distribution;
 * - `KEY.json`: `{ label?, boxes?, boxFormat?, keypoints?, meta }`; `label` where it is a distribution, boxes in VOC form;
 * - `KEY.mask.png`, `KEY.NAME.png`: its masks.
 *
 * Beside the shards are `classes.txt` and, where there are boxes, `box-classes.txt`, one name a line.
 */
export const webdatasetFormat: OutputFormat = {
  name: OWNER,
  fault: ({ classes, boxClasses = [], masks }) =>
    namesFault('class', classes) ?? namesFault('box class', boxClasses) ?? masksFault(masks),
  shard: (place, schema) => new WebdatasetShard(place, schema),
  async index(dir, _shards: readonly FinishedShard[], { classes, boxClasses, labels }) {
    return [
      ...(labels ? [await listFile(dir, 'classes.txt', classes)] : []),
      ...(boxClasses ? [await listFile(dir, 'box-classes.txt', boxClasses)] : []),
    ];
  },
};

class WebdatasetShard implements ShardWriter {
  private readonly file: StagedFile;
  private readonly check: SampleCheck;

  constructor(place: ShardPlace, schema: OutputSchema) {
    this.file = new StagedFile(place.dir, `${shardBase(place)}.tar`);
    this.check = new SampleCheck(OWNER, schema);
  }

  add(sample: OutputSample): void {
    const { key, image, label, boxes, keypoints, masks = {}, meta } = sample;
    const fields = {
      ...(label instanceof Float32Array && { label: Array.from(label) }),
      ...(boxes && { boxes, boxFormat: 'voc' }),
      ...(keypoints && { keypoints }),
      meta,
    };
    const json = plainJson(`${OWNER}: ${show(key)}`, fields);
    this.check.check(sample);
    writeTarEntry(this.file, `${key}.${ENDINGS[image.encoding]}`, image.bytes);
    if (typeof label === 'number') writeTarEntry(this.file, `${key}.cls`, String(label));
    writeTarEntry(this.file, `${key}.json`, json);
    for (const name of Object.keys(masks).sort())
      writeTarEntry(this.file, `${key}.${name}.png`, (masks[name] as { png: Uint8Array }).png);
  }

  async finish(): Promise<readonly OutputFile[]> {
    this.file.write(TAR_END);
    return [await this.file.finish()];
  }

  dispose(): void {
    this.file.dispose();
  }
}

const listFile = (dir: string, path: string, names: readonly string[]): Promise<OutputFile> =>
  stageText(dir, path, `${names.join('\n')}\n`);

/** Lists hold one name a line, without spaces around it. */
function namesFault(what: string, names: readonly string[]): string | undefined {
  const odd = names.find((name) => name === '' || name !== name.trim() || /[\r\n]/.test(name));
  return odd === undefined
    ? undefined
    : `${OWNER}: the ${what} ${show(odd)} cannot stand on a line of its own; rename it without line breaks or spaces around it`;
}

function masksFault(masks: readonly string[]): string | undefined {
  const odd = masks.find((name) => !/^[A-Za-z0-9_-]+$/.test(name));
  if (odd !== undefined)
    return `${OWNER}: the mask ${show(odd)} cannot be an ending; name it with A-Z a-z 0-9 _ and - alone`;
  const lower = masks.map((name) => name.toLowerCase());
  const twice = masks.find((_, i) => lower.indexOf(lower[i] as string) !== i);
  if (twice !== undefined)
    return `${OWNER}: the mask ${show(twice)} differs from another in case alone; rename one`;
  return masks.includes('seg')
    ? `${OWNER}: the mask 'seg' would be read as the mask 'mask'; rename it`
    : undefined;
}
