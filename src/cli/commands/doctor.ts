/** `rxaug doctor`: what is available, what is missing, why, and the command that fixes it. */
import { Command } from 'commander';
import { EXIT } from '../exit.js';
import { print, printJson } from '../out.js';

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('show which backends, decoders and threads are available, and how to fix what is missing')
    .option('--json', 'print an object')
    .action(async ({ json }: { json?: boolean }) => {
      const { diagnose } = await import('../doctor/diagnose.js');
      const { formatDiagnosis } = await import('../doctor/format-diagnosis.js');
      const diagnosis = await diagnose();
      if (json) printJson(diagnosis);
      else print(formatDiagnosis(diagnosis));
      if (!diagnosis.usable) process.exitCode = EXIT.failure;
    });
}
