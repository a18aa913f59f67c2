/** `rxaug finish`: publishes the manifest of shards that were rendered on several machines. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { finishAll } from '../../prepare/finish-all.js';
import { isLocal } from '../../prepare/places.js';
import { RewrittenLine } from '../../report/rewritten-line.js';
import { interruptible } from '../interrupt.js';
import { numberOption } from '../options.js';
import { tellManifest } from '../prepare/manifest-summary.js';
import { shareEvents } from '../share-events.js';

export function finishCommand(): Command {
  return new Command('finish')
    .description('check that all shards of a plan are there, and write its manifest')
    .argument('<dir>', 'folder, or s3://bucket/prefix, of a plan')
    .addOption(numberOption('--max-refused', 'n', 'exit with code 3 where more images are refused'))
    .option('--json', 'print one line of JSON at the end, and nothing else')
    .action(async (dir: string, flags: { json?: boolean; maxRefused?: number }) => {
      const line = new RewrittenLine(process.stderr, 'finish: ');
      const events = shareEvents(line);
      const manifest = await interruptible(
        (signal) => finishAll(isLocal(dir) ? resolve(dir) : dir, events, signal).finally(() => line.erase()),
        { stopping: 'stopping' },
      );
      tellManifest(dir, manifest, flags);
    });
}
