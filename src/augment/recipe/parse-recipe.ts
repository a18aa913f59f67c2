/** From a recipe to a plan, and from JSON that someone else wrote to a recipe. */
import { z } from 'zod';
import {
  type Boxes,
  type Draw,
  messageOf,
  parseOptions,
  type Recipe,
  type Registry,
  UsageError,
} from '../../core/index.js';
import { type Move, type Plan, PlanBuilder } from '../plan/plan.js';
import { cornersAfter } from '../targets/boxes.js';
import type { Op } from '../transform/op.js';

/** Lowers a recipe for an image of this size. `fuse: false` gives every draw passes of its own: the reference. `boxes` are those of the sample. */
export function lower(
  recipe: Recipe,
  width: number,
  height: number,
  ops: Registry<Op>,
  fuse = true,
  boxes?: Boxes,
): Plan {
  const lowerDraw = ({ op, params }: Draw, plan: PlanBuilder) => ops.get(op).lower(params, plan);
  const boxesAfter = boxes && ((moves: readonly Move[]) => cornersAfter(boxes, moves, width, height));
  const plan = new PlanBuilder(width, height, fuse, lowerDraw, boxesAfter);
  for (const draw of recipe) lowerDraw(draw, plan);
  return plan.finish();
}

const recipeSchema = z.array(
  z.strictObject({ op: z.string(), params: z.record(z.string(), z.unknown()).default({}) }),
);

/** Checks a recipe from JSON: known operators, parameters within range. Nothing in it is evaluated. */
export function parseRecipe(json: unknown, ops: Registry<Op>): Recipe {
  let value = json;
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json);
    } catch (error) {
      throw new UsageError(
        `recipe: expected JSON but received text that is not (${messageOf(error)}); write [{"op": "flip", "params": {}}]`,
      );
    }
  }
  return parseOptions('recipe', recipeSchema, value).map(({ op, params }, i) => ({
    op,
    params: parseOptions(`recipe[${i}] ${op}`, ops.get(op).params, params) as Record<string, unknown>,
  }));
}
