/** How a command ends: one sentence on stderr and an exit code that scripts can rely on. */
import { CommanderError } from 'commander';
import { messageOf, printableLines, UsageError } from '../core/index.js';

export const EXIT = { ok: 0, failure: 1, usage: 2, refused: 3, interrupted: 130 } as const;

/** The command was stopped by a signal, after saving its work. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  constructor(
    message: string,
    readonly code: number = EXIT.interrupted,
  ) {
    super(message);
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return error.code;
  // Commander gives 0 to --help and --version; all its other errors are about invalid arguments.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  return error instanceof UsageError ? EXIT.usage : EXIT.failure;
}

/** The message of an error; undefined if it was printed already. */
export function sentenceOf(error: unknown, debug: boolean): string | undefined {
  if (error instanceof CommanderError) return undefined;
  if (debug && error instanceof Error) return printableLines(withCauses(error));
  return messageOf(error).replace(/\s*\n\s*/g, ' ');
}

function withCauses(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${withCauses(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}

/** A message of commander in our form: `unknown option '--sed'; did you mean --seed?` */
export function commanderSentence(text: string): string {
  return text
    .replace(/^error: /, '')
    .replace(
      /\n\(Did you mean (one of )?(.+?)\?\)/,
      (_, many, names) => `; did you mean ${many ? 'one of ' : ''}${names}?`,
    )
    .trim();
}
