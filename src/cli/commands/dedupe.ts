/** `rxaug dedupe`: groups of near-duplicates of a data set, across its splits, and between two data sets. */
import { Command } from 'commander';
import { UsageError } from '../../core/index.js';
import { type Deduped, type DedupeSource, type Duplicate, dedupe } from '../../prepare/dedupe.js';
import { openSource } from '../../prepare/open-source.js';
import { scanImages } from '../../prepare/scan-images.js';
import { BadList } from '../bad-list.js';
import { interruptible } from '../interrupt.js';
import { print, printJson, say } from '../out.js';
import { ProgressLine } from '../progress-line.js';

interface Flags {
  readonly against?: string;
  readonly alike: number;
  readonly json?: boolean;
}

export function dedupeCommand(): Command {
  return new Command('dedupe')
    .description('list groups of near-duplicates of a data set, across its splits, and between two data sets')
    .argument(
      '<source>',
      'a folder of images, of class folders or of shards, or a pattern of shards or images',
    )
    .option('--against <source>', 'another data set: lists what both have')
    .option('--alike <number>', 'from here on two images are alike, 0.5..1', likeness, 0.9)
    .option('--json', 'print one object with all groups')
    .action(async (source: string, { against, alike, json }: Flags) => {
      await interruptible(async (signal) => {
        const bad = new BadList();
        const paths = against === undefined ? [source] : [source, against];
        const sources: DedupeSource[] = [];
        for (const path of paths) sources.push(await read(path, bad, signal));
        const total = sources.reduce((sum, { scanned }) => sum + scanned.length, 0);
        const line = new ProgressLine('compare');
        const progress = (done: number) => line.update(done, total);
        const found = await dedupe(sources, { alike }, { signal, progress }).finally(() => line.end());
        const images = sources.map(({ name, scanned }) => ({
          source: name,
          images: scanned.length,
          unreadable: scanned.unreadable,
        }));
        if (json) printJson({ sources: images, alike, ...summary(found), ...found, leftOut: bad.summary });
        else printGroups(found, paths, total, bad);
      });
    });
}

function likeness(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0.5 && value <= 1) return value;
  throw new UsageError(`--alike: expected a number in 0.5..1 but received '${text}'`);
}

async function read(path: string, bad: BadList, signal: AbortSignal): Promise<DedupeSource> {
  const data = await openSource(path, { labels: false });
  const line = new ProgressLine(path);
  const progress = (done: number) => line.update(done, data.length);
  const scanned = await scanImages(data, { signal, progress }).finally(() => line.end());
  for (const { where, reason, passed } of data.problems)
    if (passed === undefined) bad.add({ id: where, reason });
    else say(`rxaug: ${where}: ${reason}`);
  for (const one of scanned.unreadable) bad.add(one);
  return { name: path, scanned, id: (row) => data.item(scanned.item[row] as number).id };
}

function summary({ groups }: Deduped) {
  const more = groups.reduce((sum, { images }) => sum + images.length - 1, 0);
  return { duplicates: more, leaks: groups.filter(({ leak }) => leak).length };
}

function printGroups(found: Deduped, paths: readonly string[], total: number, bad: BadList): void {
  const { groups, featureless, crowded, cut } = found;
  const name = ({ source, id }: Duplicate) => (paths.length > 1 ? `${paths[source]}: ${id}` : id);
  for (const [g, { images, same, leak }] of groups.entries()) {
    const what = same ? 'the same bytes' : 'near-duplicates';
    print(`${g + 1}. ${images.length} images, ${what}${leak ? `, across ${leak.join(' and ')}` : ''}`);
    for (const image of images) print(`   ${name(image)}`);
  }
  const { duplicates, leaks } = summary(found);
  const both = paths.length > 1 ? ' with images of both' : '';
  say(
    `${groups.length} group${groups.length === 1 ? '' : 's'}${both} among ${total} images, ${duplicates} redundant${leaks > 0 ? `; ${leaks} across splits` : ''}`,
  );
  const note = (list: readonly unknown[], text: string) => {
    if (list.length > 0) say(`${text}: ${list.length}; --json names them`);
  };
  note(featureless, 'images that show too little to be compared but by their bytes, such as plain ones');
  note(crowded, 'images that look like so many others that only the nearest were compared');
  note(cut, 'pairs that are alike but in different groups, for chains of them would join too many');
  bad.print();
}
