import { nearest, RxaugError } from '../../core/index.js';

/** A kernel that a graph has and a writer does not write. */
export class NoRuleError extends RxaugError {
  override name = 'NoRuleError';

  constructor(
    /** The kernel. */
    readonly kernel: string,
    known: readonly string[],
  ) {
    const near = nearest(kernel, known);
    super(
      `tensorflow: no rule writes the kernel '${kernel}'${near ? ` (there is one for ${near})` : ''}; use operations that have one, or run the step without a graph`,
    );
  }
}
