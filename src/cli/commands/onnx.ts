/** `rxaug onnx`: a trained classifier, or one function of a generative model, as an ONNX model. */
import { extname } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../core/index.js';
import { printJson } from '../out.js';

/** There everywhere, and its numbers can be read at once, which tracing needs. */
const BACKEND = 'wasm';

interface Flags {
  readonly json?: boolean;
  readonly function?: string;
}

export function onnxCommand(): Command {
  return new Command('onnx')
    .description(
      'write the classifier of a checkpoint, or a function of its generative model, as an ONNX model',
    )
    .argument('<checkpoint>', 'a .ckpt file that training wrote')
    .argument('<out>', 'the file to write, .onnx')
    .option('--function <name>', 'of a generative model: encode, decode, generate, score, merge')
    .option('--json', 'print an object')
    .action(async (checkpoint: string, out: string, { json, function: name }: Flags) => {
      if (extname(out).toLowerCase() !== '.onnx') {
        throw new UsageError(`onnx: expected OUT to end in .onnx but received '${out}'`);
      }
      const written = await (name === undefined
        ? classifier(checkpoint, out)
        : generative(checkpoint, name, out));
      if (json) printJson(written);
      else process.stdout.write(`${out}\n`);
    });
}

async function classifier(checkpoint: string, out: string): Promise<object> {
  const { exportOnnx, loadBackend, Trained } = await import('../../train/index.js');
  const { load } = await import('../../pipeline/load.js');
  await loadBackend(BACKEND);
  using trained = await load(checkpoint, Trained);
  await exportOnnx(trained, out);
  const { name, input, classes } = trained.network;
  return { path: out, model: name, input: ['batch', ...input], classes };
}

async function generative(checkpoint: string, name: string, out: string): Promise<object> {
  const { loadBackend } = await import('../../train/index.js');
  const { exportFunction } = await import('../../gan/index.js');
  const { load } = await import('../../pipeline/load.js');
  await loadBackend(BACKEND);
  using model = await load(checkpoint);
  if (!('functions' in model)) {
    throw new UsageError(
      `onnx: ${checkpoint} holds a classifier, which has no functions; leave out --function`,
    );
  }
  await exportFunction(model, name, out);
  const inputs = model.functions[name].inputs.map((input) => [
    input.name,
    input.shape.map((side) => side ?? 'batch'),
  ]);
  return { path: out, function: name, inputs: Object.fromEntries(inputs), classes: model.classes };
}
