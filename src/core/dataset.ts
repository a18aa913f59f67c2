/** What readers give: items by number, or items in the order in which they arrive. */

import type { ImageRef } from './image-ref.js';
import type { Label } from './label.js';
import type { Problem } from './problem.js';
import type { Targets } from './targets.js';

export interface Item {
  /** Unique and readable: `train-000.tar/cat-2552.jpg`. */
  readonly id: string;
  readonly image: ImageRef;
  readonly label: Label;
  readonly targets?: Targets;
}

/** Map-style: random access, so every order of every epoch is free. */
export interface Dataset {
  readonly name: string;
  readonly classes: readonly string[];
  readonly length: number;
  /** What was left out when it was opened, and why. */
  readonly problems?: readonly Problem[];
  /** Item i of 0..length-1; synchronous, cheap, touches no pixel. */
  item(i: number): Item;
}

/** Streaming: one pass in the order of arrival. */
export interface ItemStream {
  readonly name: string;
  readonly classes: readonly string[];
  readonly problems?: readonly Problem[];
  /** A fresh pass; called once an epoch. The signal says that nobody waits for its items any more. */
  items(signal?: AbortSignal): AsyncIterable<Item>;
}
