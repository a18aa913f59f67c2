#!/usr/bin/env node
/** The `rxaug` command. */
import { writeError } from '../core/files/file-errors.js';
import { EXIT, exitCodeOf, sentenceOf } from './exit.js';
import { say } from './out.js';
import { program } from './program.js';

// A reader that closes early (`rxaug … | head`) is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok);
    // Reported on the other stream, if that is still open.
    if (stream !== process.stderr) {
      process.stderr.write(`rxaug: ${writeError('the standard output', error).message}\n`);
    }
    process.exit(EXIT.failure);
  });
}

const debug = process.argv.includes('--debug') || Boolean(process.env.RXAUG_DEBUG);

try {
  await (await program(process.argv.slice(2))).parseAsync(process.argv);
} catch (error) {
  const sentence = sentenceOf(error, debug);
  if (sentence !== undefined) say(`rxaug: ${sentence}`);
  process.exitCode = exitCodeOf(error);
}
