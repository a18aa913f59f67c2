/** `rxaug onnx`: a trained classifier as an ONNX model. */
import { extname } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../core/index.js';

export function onnxCommand(): Command {
  return new Command('onnx')
    .description('write the classifier of a checkpoint as an ONNX model')
    .argument('<checkpoint>', 'a .ckpt file that training wrote')
    .argument('<out>', 'the file to write, .onnx')
    .option('--json', 'print an object')
    .action(async (checkpoint: string, out: string, { json }: { json?: boolean }) => {
      if (extname(out).toLowerCase() !== '.onnx') {
        throw new UsageError(`onnx: expected OUT to end in .onnx but received '${out}'`);
      }
      const { exportOnnx, loadBackend, loadModel } = await import('../../train/index.js');
      await loadBackend('auto');
      using trained = await loadModel(checkpoint);
      await exportOnnx(trained, out);
      const { name, input, classes } = trained.network;
      const told = { path: out, model: name, input: ['batch', ...input], classes };
      process.stdout.write(`${json ? JSON.stringify(told) : out}\n`);
    });
}
