/** The commands. Each is a file of its own, and only that of the command asked for is loaded: most of a start is loading. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { printable } from '../core/index.js';
import { commanderSentence } from './exit.js';

/** In the order of `--help`. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./commands/init.js')).initCommand(),
  augment: async () => (await import('./commands/augment.js')).augmentCommand(),
  prepare: async () => (await import('./commands/prepare.js')).prepareCommand(),
  worker: async () => (await import('./commands/worker.js')).workerCommand(),
  inspect: async () => (await import('./commands/inspect.js')).inspectCommand(),
  finish: async () => (await import('./commands/finish.js')).finishCommand(),
  verify: async () => (await import('./commands/verify.js')).verifyCommand(),
  run: async () => (await import('./commands/run.js')).runCommand(),
  search: async () => (await import('./commands/search.js')).searchCommand(),
  gan: async () => (await import('./commands/gan.js')).ganCommand(),
  digest: async () => (await import('./commands/digest.js')).digestCommand(),
  preview: async () => (await import('./commands/preview.js')).previewCommand(),
  explain: async () => (await import('./commands/explain.js')).explainCommand(),
  render: async () => (await import('./commands/render.js')).renderCommand(),
  dedupe: async () => (await import('./commands/dedupe.js')).dedupeCommand(),
  predict: async () => (await import('./commands/predict.js')).predictCommand(),
  compare: async () => (await import('./commands/compare.js')).compareCommand(),
  onnx: async () => (await import('./commands/onnx.js')).onnxCommand(),
  export: async () => (await import('./commands/export.js')).exportCommand(),
  plugin: async () => (await import('./commands/plugin.js')).pluginCommand(),
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
  setup: async () => (await import('./commands/setup.js')).setupCommand(),
};

/**
 * The command line with all commands, or with those that these arguments can need: the one that they begin with, none
 * for `--version`, all for `--help` and for what is no command, whose error names the nearest one.
 */
export async function program(args: readonly string[] = []): Promise<Command> {
  const { version, description } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string; description: string };
  const root = new Command('rxaug')
    .description(description)
    .version(version)
    .option('--debug', 'print the stack of an error');
  const commands = needed(args).map((name) => (COMMANDS[name] as () => Promise<Command>)());
  for (const command of await Promise.all(commands)) root.addCommand(command);
  for (const command of [root, ...root.commands, ...root.commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride().configureOutput({
      outputError: (text, write) => write(`rxaug: ${printable(commanderSentence(text), 4000)}\n`),
    });
  }
  return root;
}

function needed(args: readonly string[]): readonly string[] {
  const first = args.find((arg) => arg !== '--debug');
  if (first === '--version' || first === '-V') return [];
  return first !== undefined && Object.hasOwn(COMMANDS, first) ? [first] : Object.keys(COMMANDS);
}
