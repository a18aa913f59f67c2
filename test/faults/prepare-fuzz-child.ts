/**
 * Opens mutated data sets one by one and looks at each image as the scan of a preparation does; a crash or a hang ends this
 * process and not the tests. In: argv[2], a JSON file of data sets; argv[3], a folder; argv[4] and [5], the numbers of the
 * first and of the last mutant but one. Out: a line of JSON for each, when it begins and when it ends.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BadSampleError, Draws, fold, type Item, keyOf, RxaugError } from '../../src/core/index.js';
import { type OpenedDataset, openIdx, openNumpy } from '../../src/io/index.js';
import { openSource } from '../../src/prepare/open-source.js';
import { ImageScanner } from '../../src/prepare/scan/image-scanner.js';
import { mutateBytes, mutateText } from './mutate.js';

/** A whole data set, and which of its files is damaged. */
export interface Base {
  readonly format: string;
  /** Base64 by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly damaged: string;
  readonly text: boolean;
  /** Path to open; '' for the folder. */
  readonly open: string;
}

/** What became of a mutant. */
export interface Line {
  readonly begin?: number;
  readonly number: number;
  readonly format: string;
  readonly end: 'whole' | 'partly' | 'refused' | 'wrong';
  /** Why it was refused, or what is wrong. */
  readonly reason: string;
  /** Milliseconds of CPU time. */
  readonly cpu: number;
  /** MiB of the whole process at its most. */
  readonly peak: number;
}

const [, , list = '', folder = '', first, end] = process.argv;
const bases = JSON.parse(readFileSync(list, 'utf8')) as Base[];
const scanner = new ImageScanner(true);
const cache = join(folder, 'cache');
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

const opened = ({ format, open }: Base, dir: string): Promise<OpenedDataset> => {
  if (format === 'idx') return openIdx(join(dir, open), { labels: join(dir, 'labels'), cache });
  if (format === 'numpy')
    return openNumpy(join(dir, open), {
      labels: false,
      cache,
      ...(open.endsWith('z') && { images: 'x_train' }),
    });
  return openSource(join(dir, open));
};

/** One printable line with its fix. */
const SENTENCE = /^\S[^\n]*[;:] [^\n]*\S$/;

function faultOf({ id, label, targets }: Item, classes: number): string | undefined {
  if (typeof label === 'number' && !(Number.isInteger(label) && label >= 0 && label < classes))
    return `${id}: label ${label} of ${classes} classes`;
  for (const { box } of targets?.boxes?.items ?? [])
    if (!box.every(Number.isFinite)) return `${id}: box ${box}`;
  return undefined;
}

async function look(base: Base, dir: string): Promise<Pick<Line, 'end' | 'reason'>> {
  let data: OpenedDataset;
  try {
    data = await opened(base, dir);
  } catch (error) {
    if (!(error instanceof RxaugError)) return { end: 'wrong', reason: String((error as Error).stack) };
    const { message } = error;
    return SENTENCE.test(message) ? { end: 'refused', reason: message } : { end: 'wrong', reason: message };
  }
  const reasons = data.problems.map(({ where, reason }) => `${where}: ${reason}`);
  for (let i = 0; i < Math.min(data.length, 50); i++) {
    const item = data.item(i);
    const fault = faultOf(item, data.classes.length);
    if (fault) return { end: 'wrong', reason: fault };
    const line = await scanner.scan({ index: i, id: item.id, image: item.image });
    if ('refused' in line) reasons.push(line.refused);
  }
  const odd = reasons.find((reason) => !SENTENCE.test(reason));
  if (odd !== undefined) return { end: 'wrong', reason: odd };
  return { end: reasons.length > 0 ? 'partly' : 'whole', reason: reasons.join('\n') };
}

for (let number = Number(first); number < Number(end); number++) {
  const base = bases[number % bases.length] as Base;
  say({ begin: number });
  const dir = join(folder, `m${number}`);
  for (const [path, base64] of Object.entries(base.files)) {
    const bytes = Buffer.from(base64, 'base64');
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    const mutate = base.text ? mutateText : mutateBytes;
    const draws = new Draws(fold(keyOf(17), number));
    writeFileSync(join(dir, path), path === base.damaged ? mutate(bytes, draws) : bytes);
  }
  const before = process.cpuUsage();
  let result: Pick<Line, 'end' | 'reason'>;
  try {
    result = await look(base, dir);
  } catch (error) {
    const known = error instanceof BadSampleError ? 'a refusal that was not caught: ' : '';
    result = { end: 'wrong', reason: known + String((error as Error).stack) };
  }
  const { user, system } = process.cpuUsage(before);
  const peak = process.resourceUsage().maxRSS / 1024;
  say({ number, format: base.format, ...result, cpu: (user + system) / 1000, peak });
  rmSync(dir, { recursive: true, force: true });
}
