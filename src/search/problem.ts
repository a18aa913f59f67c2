/** What is searched for, and how policies are compared: the data, the space, and the training of a trial. */
import type { SampleOperator } from '../augment/index.js';
import type { Dataset } from '../core/index.js';
import type { Model } from '../train/models/model.js';
import type { SearchSpace } from './space/search-space.js';
import type { StandardControl } from './standard-controls.js';

/** The training of a trial; the same for all arms. */
export interface TrialRecipe {
  readonly model: Model;
  readonly epochs: number;
  readonly batch: number;
  /** Peak of a cosine to 0 after a warm-up of 5 %. */
  readonly learningRate: number;
  /** Decoupled. */
  readonly weightDecay: number;
}

/** A search: what a pipeline's `search` returns. */
export interface SearchProblem {
  /** Labeled images that searches and trainings learn from. */
  readonly train: Dataset;
  /**
   * Images that the critic takes for real, as similar to what the model will meet as can be had; labels are not used unless
   * `heldOutLabels` says so. Default: a share of `train`, which is then not trained on during the search.
   */
  readonly heldOut?: Dataset;
  /**
   * Labels of `heldOut` may be used: candidates are scored on these images, and searches learn from all of `train`. So
   * strategies without a critic, too, see what test images are like. Default: false.
   */
  readonly heldOutLabels?: boolean;
  /** Opened once, for the report. */
  readonly test: Dataset;
  readonly space: SearchSpace;
  /** Side of the images that are trained on, and their channels. */
  readonly size: number;
  readonly channels: 1 | 3;
  /** Of each channel, of pixels in [0, 1]. */
  readonly statistics: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** Operators below every policy, such as a crop, in the trainings of all arms; `critic` searches on images without them. */
  readonly base: readonly SampleOperator[];
  /**
   * Arms to compare with: names of standard ones, or arms of your own by name, each of which stands on `base`. Standard are
   * 'nothing' and 'crop+flip', which replace `base`; 'uniform', 'RandAugment', 'TrivialAugment' (in RandAugment's space) and
   * 'TrivialAugment wide', which stand on it. Default: all standard ones.
   */
  readonly controls?: readonly StandardControl[] | Readonly<Record<string, readonly SampleOperator[]>>;
  readonly trial: TrialRecipe;
}
