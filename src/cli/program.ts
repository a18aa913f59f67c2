/** All commands. Each is a file that loads its dependencies only when it runs: `--help` is quick. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { printable } from '../core/index.js';
import { augmentCommand } from './commands/augment.js';
import { compareCommand } from './commands/compare.js';
import { digestCommand } from './commands/digest.js';
import { doctorCommand } from './commands/doctor.js';
import { explainCommand } from './commands/explain.js';
import { exportCommand } from './commands/export.js';
import { ganCommand } from './commands/gan.js';
import { initCommand } from './commands/init.js';
import { onnxCommand } from './commands/onnx.js';
import { pluginCommand } from './commands/plugin.js';
import { predictCommand } from './commands/predict.js';
import { previewCommand } from './commands/preview.js';
import { renderCommand } from './commands/render.js';
import { runCommand } from './commands/run.js';
import { setupCommand } from './commands/setup.js';
import { commanderSentence } from './exit.js';

export function program(): Command {
  const { version, description } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string; description: string };
  const root = new Command('rxaug')
    .description(description)
    .version(version)
    .option('--debug', 'print the stack of an error');
  for (const command of [
    initCommand(),
    augmentCommand(),
    runCommand(),
    ganCommand(),
    digestCommand(),
    previewCommand(),
    explainCommand(),
    renderCommand(),
    predictCommand(),
    compareCommand(),
    onnxCommand(),
    exportCommand(),
    pluginCommand(),
    doctorCommand(),
    setupCommand(),
  ]) {
    root.addCommand(command);
  }
  for (const command of [root, ...root.commands, ...root.commands.flatMap(({ commands }) => commands)]) {
    command.exitOverride().configureOutput({
      outputError: (text, write) => write(`rxaug: ${printable(commanderSentence(text), 4000)}\n`),
    });
  }
  return root;
}
