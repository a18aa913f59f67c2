import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { commanderSentence, exitCodeOf, Interrupted, sentenceOf } from '../../src/cli/exit.js';
import { RxaugError, UsageError } from '../../src/core/index.js';

describe('exit codes', () => {
  it.each([
    [new Error('any'), 1],
    [new RxaugError('ours'), 1],
    [new UsageError('words'), 2],
    [new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'"), 2],
    [new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'), 0],
    [new Interrupted('interrupted'), 130],
    [new Interrupted('interrupted', 143), 143],
    ['thrown text', 1],
  ])('%s', (error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  it('says an error in one line, and its stack and causes only when debugging', () => {
    const error = new RxaugError('first\n  second', { cause: new Error('the cause') });
    expect(sentenceOf(error, false)).toBe('first second');
    expect(sentenceOf(error, true)).toContain('caused by Error: the cause\n    at ');
    expect(sentenceOf(new CommanderError(1, 'x', 'said already'), false)).toBeUndefined();
  });

  it.each([
    [
      "error: unknown option '--sed'\n(Did you mean --seed?)\n",
      "unknown option '--sed'; did you mean --seed?",
    ],
    [
      "error: unknown command 'ru'\n(Did you mean one of run, rub?)",
      "unknown command 'ru'; did you mean one of run, rub?",
    ],
    ["error: missing required argument 'pipeline'", "missing required argument 'pipeline'"],
  ])('words commander in our form: %j', (text, sentence) => {
    expect(commanderSentence(text)).toBe(sentence);
  });
});
