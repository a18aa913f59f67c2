/** `rxaug inspect`: what a data set holds, in words and pictures. */
import { Command } from 'commander';
import { writeSafely } from '../../core/files/write-file.js';
import { encodeImage } from '../../io/encode.js';
import { type Inspected, inspect, LOOKED } from '../../prepare/inspect.js';
import { openSource } from '../../prepare/open-source.js';
import { contactSheet } from '../../report/contact-sheet.js';
import { counted, grouped } from '../../report/format.js';
import { interruptible } from '../interrupt.js';
import { numberOption } from '../options.js';
import { print, printJson, say } from '../out.js';
import { ProgressLine } from '../progress-line.js';

interface Flags {
  readonly sheet?: string;
  readonly pictures: number;
  readonly json?: boolean;
}

/** Classes and problems that are printed; `--json` has all of them. */
const SHOWN = 20;

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show what a data set holds: classes, sizes, formats, targets, and pictures')
    .argument('<source>', 'a folder, or a pattern of shards or images, in any layout that rxaug reads')
    .option('--sheet <file>', 'write pictures of a few images of each class, as PNG')
    .addOption(numberOption('--pictures', 'n', 'pictures on the sheet', 1).default(40))
    .option('--json', 'print one object')
    .action(async (path: string, { sheet, pictures, json }: Flags) => {
      await interruptible(async (signal) => {
        const source = await openSource(path);
        const line = new ProgressLine('inspect');
        const total = Math.min(LOOKED, source.length);
        const progress = (done: number) => line.update(done, total);
        const wanted = sheet === undefined ? 0 : pictures;
        const { found, pictures: shown } = await inspect(source, wanted, { signal, progress }).finally(() =>
          line.end(),
        );
        if (sheet !== undefined) {
          await writeSafely(sheet, [await encodeImage(contactSheet(shown, { columns: 10 }), 'png')]);
          say(`rxaug: wrote ${sheet}`);
        }
        if (json) printJson({ source: path, ...found });
        else tell(path, found);
      });
    });
}

function tell(path: string, found: Inspected): void {
  const { images, classes, soft, looked, formats, width, height, unreadable, targets, problems } = found;
  const named = Object.entries(classes);
  print(
    `${path}: ${counted(images, 'image')} of ${named.length} ${named.length === 1 ? 'class' : 'classes'}`,
  );
  for (const [label, count] of named.slice(0, SHOWN)) print(`  ${label}: ${count}`);
  if (named.length > SHOWN) print(`  and ${named.length - SHOWN} classes more`);
  if (soft > 0) print(`  with a distribution over the classes: ${soft}`);
  const [w = [], h = []] = [width, height];
  const kinds = Object.entries(formats).map(([format, count]) => `${format} ${count}`);
  print(`headers read: ${grouped(looked)} (${kinds.join(', ')})`);
  if (w.length > 0) print(`  smallest, median and largest: width ${w.join(', ')}; height ${h.join(', ')}`);
  if (targets.boxes > 0) print(`boxes: ${targets.boxes}${classNames(targets.boxClasses)}`);
  if (targets.keypoints > 0) print(`keypoints: ${targets.keypoints}`);
  for (const [name, count] of Object.entries(targets.masks)) print(`mask '${name}': ${count} images`);
  for (const { id, reason } of unreadable.slice(0, SHOWN)) say(`rxaug: ${id}: ${reason}`);
  if (unreadable.length > SHOWN)
    say(`rxaug: and ${unreadable.length - SHOWN} more that cannot be read; --json lists all`);
  for (const { where, reason } of problems.slice(0, SHOWN)) say(`rxaug: ${where}: ${reason}`);
  if (problems.length > SHOWN) say(`rxaug: and ${problems.length - SHOWN} problems more; --json lists all`);
}

const classNames = (names?: readonly string[]) => (names ? ` of ${names.slice(0, SHOWN).join(', ')}` : '');
