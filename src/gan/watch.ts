/** A sheet of pictures of a model. */
export interface Sheet {
  /** 'samples' has one row for each class; 'reconstructions' has images and their reconstructions. */
  readonly what: string;
  readonly width: number;
  readonly height: number;
  /** uint8 [H, W, 3] each, row after row. */
  readonly pictures: readonly Uint8Array[];
  /** Pictures in a row. */
  readonly columns: number;
  /** Text below each picture. */
  readonly captions?: readonly string[];
}

/** A sheet of pictures of a model in training. */
export interface Pictured extends Sheet {
  readonly step: number;
}

/** Option `samples` of generative models: how often a sheet of pictures is made, and the function that receives it. */
export interface Watch {
  readonly every: number;
  /** Pictures of each class. */
  readonly count: number;
  /** Receives a sheet; `step` is absent if the model is trained already. */
  see(sheet: Sheet & { readonly step?: number }): void | Promise<void>;
}
