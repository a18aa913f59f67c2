/** Pictures of a model in training. */

export interface Sheet {
  /** What they are: 'samples', one row a class; 'reconstructions', an image beside what became of it. */
  readonly what: string;
  readonly width: number;
  readonly height: number;
  /** uint8 [H, W, 3] each, row after row. */
  readonly pictures: readonly Uint8Array[];
  /** Pictures in a row. */
  readonly columns: number;
  /** Below each picture, where there is something to say. */
  readonly captions?: readonly string[];
}

/** A sheet of pictures of a model in training. */
export interface Pictured extends Sheet {
  readonly step: number;
}

/** Option `samples` of generative models: how often sheets of pictures are made, and what is done with them. */
export interface Watch {
  readonly every: number;
  /** Pictures of each class. */
  readonly count: number;
  /** Without a step: of a model that has learned. */
  see(sheet: Sheet & { readonly step?: number }): void | Promise<void>;
}
