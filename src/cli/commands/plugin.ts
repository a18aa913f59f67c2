/** `rxaug plugin create NAME`: writes a small plugin that works, from templates/plugin. */
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { UsageError } from '../../core/index.js';
import { ownVersion } from '../../core/own-version.js';
import { copyTemplate } from '../templates.js';

const PREFIX = 'rxaug-plugin-';

export function pluginCommand(): Command {
  const create = new Command('create')
    .description('write a small plugin that works, with a test and an example')
    .argument('<name>', "lower-case letters, digits and '-': lens makes rxaug-plugin-lens")
    .option('--dir <dir>', 'the folder to write; it must not be there yet (default: rxaug-plugin-NAME)')
    .action((given: string, { dir }: { dir?: string }) => {
      const name = nameOf(given);
      const folder = dir ?? PREFIX + name;
      if (existsSync(folder)) {
        throw new UsageError(`plugin create: '${folder}' is there already; choose another name or --dir`);
      }
      copyTemplate('plugin', folder, { NAME: name, RXAUG: `^${ownVersion()}` });
      process.stdout.write(`${folder}\n`);
      process.stderr.write(`name it in a pipeline: plugins: ['./${folder}/src/index.ts']\n`);
    });
  return new Command('plugin').description('make a plugin of your own').addCommand(create);
}

function nameOf(given: string): string {
  const name = given.startsWith(PREFIX) ? given.slice(PREFIX.length) : given;
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= 64) return name;
  throw new UsageError(
    `plugin create: expected a name of lower-case letters, digits and '-' but received '${given}'; try 'lens'`,
  );
}
