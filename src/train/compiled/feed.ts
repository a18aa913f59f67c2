/** A batch's tensors as inputs of a program. */
import type { Tensors } from '../state/tensors.js';

/** The tensors by the names that a program has for them. */
export const feedInputs = (feed: Tensors): Tensors =>
  Object.fromEntries(Object.entries(feed).map(([name, tensor]) => [`feed/${name}`, tensor]));

/** Their shapes, by which the graph for them is found. */
export const shapesOf = (feed: Tensors): string =>
  Object.entries(feed)
    .map(([name, { shape }]) => `${name} ${shape}`)
    .join(';');
