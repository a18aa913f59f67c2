/** The plan of a sample: made before its image is decoded where the header gives its size, else after. */
import { type Plan, seenBy, shrunkPlan } from '../augment/index.js';
import type { View } from '../core/view.js';
import type { Pixels } from '../io/decode/pixels.js';

/** It serves one image at a time, and is used again for the next: an object for each would be a fifth of what is allocated. */
export class Viewed<T> {
  private plan?: Plan;
  private sample?: T;
  /** Of the full image, upright: what targets are measured in. */
  width = 0;
  height = 0;

  constructor(private readonly lower: (sample: T, width: number, height: number) => Plan) {}

  /** Begins with another sample. */
  begin(sample: T): void {
    this.sample = sample;
    this.plan = undefined;
  }

  /** For the decoder: what the plan reads of an image of this size. */
  readonly look = (width: number, height: number): View | undefined =>
    seenBy(this.planFor(width, height), width, height);

  /** The plan for the full image, which targets follow. */
  of({ width, height, shrunk }: Pixels): Plan {
    return shrunk ? (this.plan as Plan) : this.planFor(width, height);
  }

  private planFor(width: number, height: number): Plan {
    if (this.plan && this.width === width && this.height === height) return this.plan;
    this.plan = this.lower(this.sample as T, width, height);
    this.width = width;
    this.height = height;
    return this.plan;
  }
}

/** The plan that renders these pixels. */
export const forPixels = (plan: Plan, { shrunk }: Pixels): Plan => (shrunk ? shrunkPlan(plan, shrunk) : plan);
