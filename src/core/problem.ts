/** What a reader could not use: named, with its reason. */
export interface Problem {
  /** The sample, file or archive, printable: `train-000.tar/cat-2552.jpg`. */
  readonly where: string;
  /** What is wrong and how to fix it, printable. */
  readonly reason: string;
  /**
   * How many files were passed over because they are neither images nor labels: no sample is lost by them.
   * 0: none, but something else is worth knowing, such as a class without images.
   */
  readonly passed?: number;
}
