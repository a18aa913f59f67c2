/** The command that continues a run which was stopped, as it can be pasted into a shell. */
import { quoted } from './quoted.js';

/** `args` are those of the run, without `node` and the program. */
export function continueCommand(args: readonly string[]): string {
  const kept = args.filter((arg) => arg !== '--resume' && arg !== '--overwrite');
  return ['npx', 'rxaug', ...kept, '--resume'].map(quoted).join(' ');
}
