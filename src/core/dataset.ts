/** What readers give: items by number, or items in the order in which they arrive. */

import type { ImageRef } from './image-ref.js';
import type { Label } from './label.js';
import type { Problem } from './problem.js';
import type { Targets } from './targets.js';

/** One image of a data set: what a reader gives. */
export interface Item {
  /** Unique and readable: `train-000.tar/cat-2552.jpg`. */
  readonly id: string;
  readonly image: ImageRef;
  readonly label: Label;
  readonly targets?: Targets;
}

/** A data set with random access: items by number, so every order of every epoch costs nothing. */
export interface Dataset {
  readonly name: string;
  readonly classes: readonly string[];
  readonly length: number;
  /** What was left out when it was opened, and why. */
  readonly problems?: readonly Problem[];
  /** Item i of 0..length-1; synchronous, cheap, touches no pixel. */
  item(i: number): Item;
  /**
   * What identifies the bytes of a file that items refer to, the same on every machine: URL and ETag of a downloaded file.
   * Undefined for a file that its own path, size and time identify.
   */
  versionOf?(path: string): string | undefined;
}

/** A data set without random access: one pass in the order of arrival. */
export interface ItemStream {
  readonly name: string;
  readonly classes: readonly string[];
  readonly problems?: readonly Problem[];
  /** A fresh pass, called once per epoch. The signal aborts it: its items are no longer needed. */
  items(signal?: AbortSignal): AsyncIterable<Item>;
}
