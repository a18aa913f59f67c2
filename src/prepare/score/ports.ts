/** The inputs and outputs of a model that scores images, checked before anything is read. */
import { expected, nearest, show, showNames, UsageError } from '../../core/index.js';
import type { Interface, OnnxDtype, Port } from '../../graph/onnx/interface.js';

/** The input for images. */
export interface ImagePort {
  readonly name: string;
  readonly dtype: OnnxDtype;
  readonly layout: 'NHWC' | 'NCHW';
  /** null where it is open. */
  readonly height: number | null;
  readonly width: number | null;
}

/** An input of numbers: a code, or one-hot classes. */
export interface VectorPort {
  readonly name: string;
  /** Of one image. */
  readonly count: number;
}

const DTYPES: readonly OnnxDtype[] = ['float32', 'float16', 'float64', 'uint8'];

const written = ({ dtype, shape }: Port): string =>
  `${dtype} [${shape?.map((side) => side ?? 'any').join(', ') ?? 'of any shape'}]`;

export const listed = (ports: readonly Port[]): string =>
  ports.map((port) => `${show(port.name)} ${written(port)}`).join(', ');

/** Images are [batch, H, W, 3] or [batch, 3, H, W]; which, is read from the file where that is sure. */
export function imagePort(
  where: string,
  { inputs }: Interface,
  given: { readonly input?: string; readonly layout?: ImagePort['layout'] },
): ImagePort {
  const port =
    given.input === undefined ? onlyImages(where, inputs) : named(where, 'input', inputs, given.input);
  return asImages(`${where}: input ${show(port.name)}`, port, given.layout);
}

/** A port for images of one layout. */
export function asImages(what: string, port: Port, given?: ImagePort['layout']): ImagePort {
  const { name, dtype, shape } = port;
  if (shape?.length !== 4)
    throw new UsageError(
      `${what}: expected images, [batch, H, W, 3] or [batch, 3, H, W], but it is ${written(port)}; name another one, or export the model with images`,
    );
  checkBatch(what, port);
  if (!DTYPES.includes(dtype))
    throw new UsageError(expected(what, DTYPES.join(', '), dtype, 'export the model with float32'));
  const layout = given ?? layoutOf(what, port);
  const [height, width, channels] =
    layout === 'NHWC' ? [shape[1], shape[2], shape[3]] : [shape[2], shape[3], shape[1]];
  if (channels !== 3 && channels !== null)
    throw new UsageError(
      `${what}: expected 3 channels, for images are RGB, but it is ${written(port)}${given ? ` and layout says ${layout}` : ''}; export the model for RGB, or give the other layout`,
    );
  return { name, dtype, layout, height: height ?? null, width: width ?? null };
}

function onlyImages(where: string, inputs: readonly Port[]): Port {
  const fit = inputs.filter(({ shape }) => shape?.length === 4);
  if (fit.length === 1) return fit[0] as Port;
  throw new UsageError(
    fit.length === 0
      ? `${where}: expected a model with an input of images, [batch, H, W, 3] or [batch, 3, H, W], but it has ${listed(inputs) || 'no input'}; give another model`
      : `${where}: expected one input of images but the model has ${listed(fit)}; name one of them as input`,
  );
}

function layoutOf(what: string, port: Port): ImagePort['layout'] {
  const [, first, , last] = port.shape as readonly (number | null)[];
  if (last === 3 && first !== 3) return 'NHWC';
  if (first === 3 && last !== 3) return 'NCHW';
  if (first !== 3 && last !== 3 && first !== null && last !== null)
    throw new UsageError(
      `${what}: expected 3 channels, for images are RGB, but it is ${written(port)}; export the model for RGB`,
    );
  throw new UsageError(
    `${what}: ${written(port)} does not say where its channels are; give layout: 'NCHW' as PyTorch has them, or 'NHWC'`,
  );
}

/** One image is run at a time. */
export function checkBatch(what: string, { shape }: Port): void {
  const batch = shape?.[0];
  if (batch === null || batch === 1) return;
  throw new UsageError(
    `${what}: expected a batch of any size, or of 1, but it is ${batch}; export it with an open batch`,
  );
}

function named(where: string, kind: string, ports: readonly Port[], name: string): Port {
  const found = ports.find((port) => port.name === name);
  if (found) return found;
  const names = ports.map((port) => port.name);
  const near = nearest(name, names);
  throw new UsageError(
    `${where}: ${kind}: the model has no ${show(name)} but ${showNames(names)}; ${near ? `did you mean ${show(near)}?` : 'name one of those'}`,
  );
}

/** The one output that is used. */
export function outputPort(where: string, { outputs }: Interface, name: string | undefined): Port {
  if (name !== undefined) return named(where, 'output', outputs, name);
  if (outputs.length === 1) return outputs[0] as Port;
  throw new UsageError(
    `${where}: expected one output but the model has ${listed(outputs)}; name one of them as output`,
  );
}

/** Numbers that an output has for each image; undefined where the file leaves that open. */
export function perImage({ shape }: Port): number | undefined {
  const sides = shape?.slice(1);
  if (!sides || sides.some((side) => side === null)) return undefined;
  return sides.reduce<number>((product, side) => product * (side as number), 1);
}

/** The input other than images: none, or where a class may be asked for, `classes`, one-hot. */
export function classInput(
  where: string,
  { inputs }: Interface,
  images: ImagePort,
  mayAsk: boolean,
): VectorPort | undefined {
  const others = inputs.filter(({ name }) => name !== images.name);
  if (others.length === 0) return undefined;
  const [port] = others as [Port];
  const [batch, count, ...more] = port.shape ?? [];
  const fits =
    port.name === 'classes' && port.dtype === 'float32' && typeof count === 'number' && more.length === 0;
  if (mayAsk && others.length === 1 && fits && (batch === null || batch === 1))
    return { name: port.name, count };
  throw new UsageError(
    `${where}: expected images${mayAsk ? " and at most one-hot 'classes', float32 [batch, K]," : ' alone'} as inputs but the model has ${listed(others)} too; give another model`,
  );
}
