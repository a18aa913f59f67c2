/** Generative models as ONNX files, of the usual size and barely trained: how long they take does not depend on that. */
import { join } from 'node:path';

const SIDE = 32;

export async function makeModels(folder) {
  const rxaug = await import('rxaug');
  const { batch, fit, normalize } = rxaug;
  const { autoencoder, gan } = await import('rxaug/gan');
  const { exportFunction } = await import('rxaug/onnx');
  const { shapes10 } = await import('rxaug/datasets');
  const images$ = () =>
    shapes10({ count: 64, size: SIDE, shuffle: true, epochs: 1 }).pipe(
      normalize(rxaug.STATISTICS.symmetric),
      batch(64, { dropLast: true }),
    );
  const coder = await fit(images$(), { model: autoencoder({ latent: 64 }) });
  await exportFunction(coder, 'encode', join(folder, 'encode.onnx'));
  await exportFunction(coder, 'decode', join(folder, 'decode.onnx'));
  coder.dispose();
  const generator = await fit(images$(), { model: gan({ latent: 64, width: 32 }) });
  await exportFunction(generator, 'generate', join(folder, 'generate.onnx'));
  generator.dispose();
}
