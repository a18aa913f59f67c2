/** Augmentation networks as plain JSON: what a policy holds. JSON may come from anywhere, so all of it is checked. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import type { Weights } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import { type AugmentationNetwork, augmentationNetwork } from './augmentation-network.js';

const size = z.int().min(1).max(256);
/** What is applied: configuration and weights. */
export const savedNetwork = z.strictObject({
  noise: size,
  geometry: size,
  color: size,
  channels: z.union([z.literal(1), z.literal(3)]),
  /** float32, little-endian, all parameters in their order, as base64. */
  weights: z.string().max(1_000_000),
});
export type SavedNetwork = z.output<typeof savedNetwork>;

/** Of everything that it computes with. */
export const networkSha256 = ({ noise, geometry, color, channels, weights }: SavedNetwork): string =>
  createHash('sha256')
    .update(JSON.stringify([noise, geometry, color, channels, weights]))
    .digest('hex');

/** Call it between steps: it reads the device. */
export function savedFrom(
  { config, parts }: AugmentationNetwork,
  { params }: Pick<Weights, 'params'>,
): SavedNetwork {
  const values = parts.flatMap((one) => one.params).map(({ name }) => (params[name] as tf.Tensor).dataSync());
  const bytes = Buffer.alloc(4 * values.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const numbers of values) for (const value of numbers) at = bytes.writeFloatLE(value, at);
  const { noise, geometry, color, channels } = config;
  return { noise, geometry, color, channels, weights: bytes.toString('base64') };
}

/** A network that is ready to be applied. */
export interface LoadedNetwork {
  readonly net: AugmentationNetwork;
  /** Made anew; they belong to the caller. */
  weights(): Weights;
}

/**
 * @param sha256 the digest that it must have
 * @throws {UsageError} if a size is out of range, the weights are not as many as the sizes ask for or not finite, or the
 * digest is another
 */
export function loadNetwork(where: string, given: unknown, sha256?: string): LoadedNetwork {
  const saved = parseOptions(where, savedNetwork, given);
  const net = augmentationNetwork(saved);
  const specs = net.parts.flatMap(({ params }) => params);
  const counts = specs.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
  const count = counts.reduce((sum, one) => sum + one, 0);
  const bytes = Buffer.from(saved.weights, 'base64');
  const fix = 'take the file that the search wrote';
  if (bytes.length !== 4 * count)
    throw new UsageError(
      expected(`${where}: weights`, `${count} numbers of 4 bytes`, `${bytes.length} bytes`, fix),
    );
  const own = networkSha256(saved);
  if (sha256 !== undefined && own !== sha256)
    throw new UsageError(
      `${where}: was changed after it was written: its SHA-256 is ${own}, not ${sha256}; ${fix}`,
    );
  const values = Float32Array.from({ length: count }, (_, i) => bytes.readFloatLE(4 * i));
  if (!values.every(Number.isFinite))
    throw new UsageError(`${where}: weights: expected finite numbers; ${fix}`);
  const weights = () => {
    let at = 0;
    const params = specs.map(({ name, shape }, i) => {
      const own = values.slice(at, at + (counts[i] as number));
      at += own.length;
      return [name, tf.tensor(own, [...shape])] as const;
    });
    return { params: Object.fromEntries(params), stats: {} };
  };
  return { net, weights };
}
