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
      const written = await write(checkpoint, name, out);
      if (json) printJson(written);
      else process.stdout.write(`${out}\n`);
    });
}

async function write(checkpoint: string, name: string | undefined, out: string): Promise<object> {
  const { exportOnnx, loadBackend } = await import('../../train/index.js');
  const { exportFunction } = await import('../../gan/index.js');
  const { load } = await import('../../pipeline/load.js');
  await loadBackend(BACKEND);
  using model = await load(checkpoint);
  if ('functions' in model) {
    const { functions, classes } = model;
    if (name === undefined) {
      throw new UsageError(
        `onnx: ${checkpoint} holds a generative model; name one of its functions with --function: ${Object.keys(functions).join(', ')}`,
      );
    }
    await exportFunction(model, name, out);
    const inputs = functions[name].inputs.map((input) => [
      input.name,
      input.shape.map((side) => side ?? 'batch'),
    ]);
    return { path: out, function: name, inputs: Object.fromEntries(inputs), classes };
  }
  if (name !== undefined) {
    throw new UsageError(
      `onnx: ${checkpoint} holds a classifier, which has no functions; leave out --function`,
    );
  }
  await exportOnnx(model, out);
  const { name: title, input, classes } = model.network;
  return { path: out, model: title, input: ['batch', ...input], classes };
}
