/** `rxaug verify`: whether a prepared data set is what its manifest says. */

import { resolve } from 'node:path';
import { Command } from 'commander';
import { isLocal } from '../../prepare/places.js';
import { verify } from '../../prepare/verify.js';
import { counted } from '../../report/format.js';
import { RewrittenLine } from '../../report/rewritten-line.js';
import { EXIT } from '../exit.js';
import { interruptible } from '../interrupt.js';
import { print, printJson, say } from '../out.js';
import { shareEvents } from '../share-events.js';

/** Faults that are printed; `--json` has all of them. */
const SHOWN = 20;

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check a prepared data set: every file to the last byte')
    .argument('<dir>', 'folder, or s3://bucket/prefix, of a prepared data set')
    .option('--json', 'print one line of JSON in place of the summary')
    .action(async (dir: string, { json }: { json?: boolean }) => {
      const line = new RewrittenLine(process.stderr, 'verify: ');
      const { status } = shareEvents(line);
      const result = await interruptible(
        (signal) => verify(isLocal(dir) ? resolve(dir) : dir, status, signal).finally(() => line.erase()),
        { stopping: 'stopping' },
      );
      const { files, bytes, samples, faults, others } = result;
      for (const { file, reason } of faults.slice(0, SHOWN)) say(`rxaug: ${file}: ${reason}`);
      if (faults.length > SHOWN) say(`rxaug: and ${faults.length - SHOWN} more; --json lists all`);
      if (others.length > 0)
        say(`rxaug: files that do not belong to the data set: ${others.length}, such as ${others[0]}`);
      if (faults.length > 0) process.exitCode = EXIT.failure;
      if (json) printJson({ dir, ...result });
      else
        print(
          `${dir}: ${faults.length === 0 ? 'all is well' : counted(faults.length, 'fault')}: ${counted(samples, 'sample')} in ${counted(files, 'file')} of ${(bytes / 1e6).toFixed(1)} MB`,
        );
    });
}
