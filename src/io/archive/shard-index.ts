/**
 * What a WebDataset shard holds, column by column: names, places, sizes and labels of its samples.
 *
 * Entries that share a name up to its first dot are one sample: an image and its label, `.cls` (a class
 * number or name) or `.json` (an object with the label in a field). About 60 bytes of memory a sample.
 */
import { messageOf, show } from '../../core/index.js';
import { IMAGE_ENDINGS } from '../decode/sniff.js';
import { kindOf, Passed, type PassedKind } from '../passed.js';
import type { TargetOptions } from '../target-options.js';
import { dottedNames, split } from './entry-names.js';
import { maskEndings, type ShardTargets, targetsIn } from './shard-targets.js';
import { type TarEntry, TarReader } from './tar.js';

/** A label as it is written: a number, a class name, or a distribution. */
export type RawLabel = number | string | readonly number[];

export interface ShardIndex {
  readonly count: number;
  /** UTF-8 names of the image entries, one after another; name i ends at ends[i]. */
  readonly names: Buffer;
  readonly ends: Uint32Array;
  readonly offsets: Float64Array;
  readonly sizes: Float64Array;
  readonly labels: Int32Array;
  /** Labels that are no integers, by sample. */
  readonly others: Readonly<Record<number, RawLabel>>;
  /** Masks, boxes and keypoints of the samples that have any, by sample. */
  readonly targets: ReadonlyMap<number, ShardTargets>;
  /** Entry name ('' for the archive as a whole) and reason. */
  readonly problems: readonly (readonly [string, string])[];
  /** Entries that are neither images nor labels. */
  readonly passed: readonly PassedKind[];
}

export interface IndexOptions {
  /** False: images alone make a sample. */
  readonly labels: boolean;
  /** The field of `.json` that holds the label; without it `label`, then `cls`. */
  readonly labelField?: string;
  /** Target settings of the source. */
  readonly targets?: TargetOptions;
}

/** A label file larger than this is none. */
const MAX_LABEL_FILE = 1 << 20;
/** A class name of more characters, or of several lines, is none. */
const MAX_CLASS_NAME = 500;
/** Endings of labels, read or not. */
const LABEL_ENDINGS = ['cls', 'json'];

interface Found {
  readonly image?: TarEntry;
  readonly label?: RawLabel;
  /** What the label was read from; of several, `.cls` goes before `.json` unless a field was asked for. */
  readonly labelFrom?: string;
  /** Reported already: neither half of it counts as missing. */
  readonly refused?: boolean;
  readonly targets?: ShardTargets;
  /** The entry that its last mask is. */
  readonly maskFrom?: string;
  /** It has a `.json`. */
  readonly json?: true;
  /** That cannot be read, and is listed. */
  readonly reported?: true;
  /** The `.json` that has no label, and why: a problem unless there is a `.cls`. */
  readonly unlabeled?: readonly [name: string, reason: string];
}

export function indexShard(path: string, options: IndexOptions): ShardIndex {
  const reader = new TarReader(path);
  try {
    return index(reader, options);
  } finally {
    reader.dispose();
  }
}

function index(reader: TarReader, options: IndexOptions): ShardIndex {
  const samples = new Map<string, Found>();
  const problems: [string, string][] = [];
  const passed = new Passed();
  const dotted: string[] = [];
  const labelEndings = options.labels ? (options.labelField ? ['json'] : ['cls', 'json']) : [];
  const masks = maskEndings(options.targets);
  for (const entry of reader.entries((name, reason) => problems.push([name ?? '', reason]))) {
    const { key, ending } = split(entry.name);
    if (!key || ending === '') {
      passed.add(kindOf(entry.name), entry.name);
      continue;
    }
    const found = samples.get(key);
    const mask = masks.get(ending);
    if (mask !== undefined) {
      if (found?.targets?.masks?.[mask]) {
        problems.push([entry.name, `the sample has a mask '${mask}' already, which is used; remove one`]);
      } else {
        const known = found?.targets;
        const place = [entry.offset, entry.size] as const;
        const targets = { ...known, masks: { ...known?.masks, [mask]: place } };
        samples.set(key, { ...found, targets, maskFrom: entry.name });
      }
      continue;
    }
    if (IMAGE_ENDINGS.includes(ending)) {
      if (found?.image) {
        const other = found.image.name;
        const which =
          other === entry.name ? 'the archive holds this name twice' : `${show(other)} has the same key`;
        problems.push([entry.name, `${which}, and the first one is used; rename or remove one`]);
      } else if (entry.size === 0) {
        problems.push([entry.name, 'it is empty; restore the image or remove it']);
        samples.set(key, { ...found, refused: true });
      } else samples.set(key, { ...found, image: entry });
    } else if (ending === 'json' || labelEndings.includes(ending)) {
      if (ending === 'json' ? found?.json : found?.labelFrom === ending) {
        problems.push([
          entry.name,
          'the archive holds this name twice, and the first one is used; remove one',
        ]);
        continue;
      }
      const { content, fault } = readEntry(reader, entry, ending);
      if (fault && ending === 'json') {
        problems.push([entry.name, fault.reason]);
        // A .cls can stand in for its label, but nothing for its boxes.
        const { boxes, keypoints } = options.targets ?? {};
        const refused = boxes || keypoints || options.labelField ? { refused: true } : {};
        samples.set(key, { ...found, json: true, reported: true, ...refused });
        continue;
      }
      const own = ending === 'json' && isFields(content) ? targetsIn(content, options.targets) : {};
      if ('reason' in own) {
        problems.push([entry.name, own.reason]);
        samples.set(key, { ...found, refused: true });
        continue;
      }
      const targets = { ...found?.targets, ...own };
      const any = {
        ...(ending === 'json' && { json: true as const }),
        ...(Object.keys(targets).length > 0 && { targets }),
      };
      if (!labelEndings.includes(ending)) {
        if (found || 'targets' in any) samples.set(key, { ...found, ...any });
      } else if (found?.labelFrom === 'cls') samples.set(key, { ...found, ...any });
      else {
        const label = fault ?? labelIn(content, ending, options.labelField);
        if (typeof label === 'object' && 'reason' in label) {
          if (ending === 'json' && labelEndings.includes('cls')) {
            // It may hold boxes alone, and a .cls may come yet.
            samples.set(key, { ...found, ...any, unlabeled: [entry.name, label.reason] });
            continue;
          }
          problems.push([entry.name, label.reason]);
          samples.set(key, { ...found, refused: true });
        } else samples.set(key, { ...found, ...any, label, labelFrom: ending });
      }
    } else if (isData(ending.slice(ending.lastIndexOf('.') + 1))) {
      if (ending.includes('.')) dotted.push(entry.name);
      // Labels that were not asked for are no oversight.
      else if (options.labels) passed.add(`.${ending}`, entry.name);
    } else passed.add(`.${ending}`, entry.name);
  }
  problems.push(...dottedNames(dotted, samples, passed));
  return { ...columns(samples, problems, options), passed: passed.list() };
}

function columns(
  samples: Map<string, Found>,
  problems: [string, string][],
  options: IndexOptions,
): Omit<ShardIndex, 'passed'> {
  const whole: (Found & { image: TarEntry })[] = [];
  for (const [key, found] of samples) {
    if (found.refused) continue;
    const { image } = found;
    if (image && (found.label !== undefined || !options.labels)) whole.push({ ...found, image });
    else if (found.label === undefined && found.unlabeled) problems.push([...found.unlabeled]);
    else if (found.label === undefined && found.reported) continue;
    else if (image) {
      const partner = options.labelField ? `${key}.json` : `${key}.cls or ${key}.json`;
      problems.push([image.name, `it has no label file; add ${partner}, or remove the image`]);
    } else {
      const name = found.labelFrom ? `${key}.${found.labelFrom}` : (found.maskFrom ?? `${key}.json`);
      problems.push([name, `it has no image; add ${key}.jpg, or remove it`]);
    }
  }
  const count = whole.length;
  const names = Buffer.from(whole.map((found) => found.image.name).join(''), 'utf8');
  const ends = new Uint32Array(count);
  const offsets = new Float64Array(count);
  const sizes = new Float64Array(count);
  const labels = new Int32Array(count);
  const others: Record<number, RawLabel> = {};
  const targets = new Map<number, ShardTargets>();
  let end = 0;
  whole.forEach(({ image, label = 0, targets: own }, i) => {
    if (own) targets.set(i, own);
    end += Buffer.byteLength(image.name);
    ends[i] = end;
    offsets[i] = image.offset;
    sizes[i] = image.size;
    if (typeof label === 'number' && (label | 0) === label) labels[i] = label;
    else others[i] = label;
  });
  return { count, names, ends, offsets, sizes, labels, others, targets, problems };
}

const isData = (ending: string) => IMAGE_ENDINGS.includes(ending) || LABEL_ENDINGS.includes(ending);

/** The text of a `.cls`, what a `.json` holds, or why there is neither. */
function readEntry(
  reader: TarReader,
  entry: TarEntry,
  ending: string,
): { content?: unknown; fault?: { reason: string } } {
  if (entry.size > MAX_LABEL_FILE)
    return { fault: { reason: `its ${entry.size} bytes are too many for a label; check it` } };
  const text = reader.at(entry.offset, entry.size).toString('utf8').trim();
  if (ending === 'cls') return { content: text };
  try {
    return { content: JSON.parse(text) };
  } catch (error) {
    return {
      fault: { reason: `it is not JSON (${messageOf(error)}); write {"label": number} into it` },
    };
  }
}

const isFields = (content: unknown): content is Record<string, unknown> =>
  typeof content === 'object' && content !== null && !Array.isArray(content);

function labelIn(content: unknown, ending: string, field: string | undefined): RawLabel | { reason: string } {
  if (ending === 'cls') {
    const text = content as string;
    if (/^-?\d{1,15}$/.test(text)) return Number(text);
    return className(text);
  }
  const has = (name: string) => isFields(content) && Object.hasOwn(content, name);
  const name = field ?? (has('label') ? 'label' : 'cls');
  const value = has(name) ? (content as Record<string, unknown>)[name] : undefined;
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return className(value);
  if (Array.isArray(value) && value.every((v) => typeof v === 'number')) return value;
  const missing = field ? show(field) : "'label' or 'cls'";
  return { reason: `it has no number, class name or distribution in ${missing}; add it or set labelField` };
}

function className(text: string): RawLabel | { reason: string } {
  if (text === '') return { reason: 'it is empty; write the class number into it' };
  if (text.length <= MAX_CLASS_NAME && !/[\p{Cc}\ufffd]/u.test(text)) return text;
  return { reason: `it holds ${show(text)}, no class number or name of one line; write one into it` };
}
