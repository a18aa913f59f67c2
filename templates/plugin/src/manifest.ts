/** A sink: a line of JSON for each sample of the batches that pass, with the draws that made it. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { type Batch, parseOptions, z } from 'rxaug/plugin';
import { tap } from 'rxjs';

export function manifest(path: string) {
  const file = parseOptions('manifest: path', z.string().min(1), path);
  return tap<Batch>({
    subscribe: () => writeFileSync(file, ''),
    next: ({ epoch, samples }) => {
      const lines = samples.map(({ id, label, recipe }) => JSON.stringify({ epoch, id, label, recipe }));
      appendFileSync(file, lines.map((line) => `${line}\n`).join(''));
    },
  });
}
