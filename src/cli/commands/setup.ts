/**
 * `rxaug setup`: native TensorFlow, with --cuda its build for NVIDIA's GPUs, or with --xla a plugin of XLA; what
 * scripts/setup.mjs does.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

export function setupCommand(): Command {
  return new Command('setup')
    .description(
      'fetch native TensorFlow, with --cuda its build for NVIDIA GPUs, or with --xla a plugin of XLA',
    )
    .option('--cuda', "TensorFlow's build for CUDA, with NVIDIA's libraries")
    .option('--xla <kind>', 'in its place: the plugin of XLA for cpu, cuda12, cuda13 or rocm7')
    .option('--without-driver', 'with --cuda or the --xla of a GPU: even where no driver of the GPU is found')
    .option('--quiet', 'print only what could not be installed')
    .action(async (flags: { cuda?: boolean; xla?: string; withoutDriver?: boolean; quiet?: boolean }) => {
      const script = fileURLToPath(new URL('../../../scripts/setup.mjs', import.meta.url));
      const given = [
        flags.cuda && '--cuda',
        flags.xla !== undefined && `--xla=${flags.xla}`,
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
