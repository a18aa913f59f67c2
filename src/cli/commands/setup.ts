/** `rxaug setup`: native TensorFlow, or with --cuda its build for NVIDIA's GPUs; what scripts/setup.mjs does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

export function setupCommand(): Command {
  return new Command('setup')
    .description('fetch native TensorFlow; with --cuda the build for NVIDIA GPUs (3.4 GB)')
    .option('--cuda', "TensorFlow's build for CUDA, with NVIDIA's libraries")
    .option('--without-driver', 'with --cuda: even where no NVIDIA driver is found')
    .option('--quiet', 'print only what could not be installed')
    .action(async (flags: { cuda?: boolean; withoutDriver?: boolean; quiet?: boolean }) => {
      const script = fileURLToPath(new URL('../../../scripts/setup.mjs', import.meta.url));
      const given = [
        flags.cuda && '--cuda',
        flags.withoutDriver && '--without-driver',
        flags.quiet && '--quiet',
      ];
      const args = [script, '--again', ...given.filter((flag) => typeof flag === 'string')];
      // Not on our stdout, which is for data; the script speaks on stderr.
      const child = spawn(process.execPath, args, { stdio: 'inherit' });
      const [code] = (await once(child, 'close')) as [number | null];
      process.exitCode = code ?? 1;
    });
}
