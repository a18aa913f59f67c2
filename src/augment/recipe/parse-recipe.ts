/** From a recipe to a plan, and from foreign JSON to a recipe. */
import { z } from 'zod';
import {
  type Boxes,
  type Draw,
  messageOf,
  newNameOf,
  parseOptions,
  type Recipe,
  type Registry,
  UsageError,
  withNewNames,
} from '../../core/index.js';
import { type Move, type Plan, PlanBuilder } from '../plan/plan.js';
import { ownerOf } from '../plugin/owner.js';
import { cornersAfter } from '../targets/boxes.js';
import type { Op } from '../transform/op.js';

/**
 * Lowers a recipe to the fewest passes for an image of this size. `fuse: false` gives every draw passes of its
 * own, for comparison. `boxes` are those of the sample.
 *
 * @example lower([{ op: 'horizontalFlip', params: {} }], 64, 48, ops()).passes.length // → 1
 */
export function lower(
  recipe: Recipe,
  width: number,
  height: number,
  ops: Registry<Op>,
  fuse = true,
  boxes?: Boxes,
): Plan {
  const lowerDraw = lowering(ops);
  const boxesAfter = boxes && following(boxes, width, height);
  const plan = new PlanBuilder(width, height, fuse, lowerDraw, boxesAfter);
  for (let i = 0; i < recipe.length; i++) lowerDraw(recipe[i] as Draw, plan);
  return plan.finish();
}

// Closures apart, and the first made once for all images of a run.

const following = (boxes: Boxes, width: number, height: number) => (moves: readonly Move[]) =>
  cornersAfter(boxes, moves, width, height);

let last: { readonly ops: Registry<Op>; readonly lower: (draw: Draw, plan: PlanBuilder) => void } | undefined;

function lowering(ops: Registry<Op>): (draw: Draw, plan: PlanBuilder) => void {
  if (last?.ops !== ops) last = { ops, lower: ({ op, params }, plan) => ops.get(op).lower(params, plan) };
  return last.lower;
}

const recipeSchema = z.array(
  z.strictObject({ op: z.string(), params: z.record(z.string(), z.unknown()).default({}) }),
);

/**
 * Reads a recipe from JSON, or from its text. Operators must be known and parameters within range; nothing in it
 * is evaluated. Names from before 0.2 are read as their new ones.
 *
 * @throws {UsageError} if it is no recipe, an operator is unknown or a parameter is out of range
 * @example parseRecipe([{ op: 'flip', params: {} }], ops()) // → [ { op: 'horizontalFlip', params: {} } ]
 */
export function parseRecipe(json: unknown, ops: Registry<Op>): Recipe {
  let value = json;
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json);
    } catch (error) {
      throw new UsageError(
        `recipe: expected JSON but received text that is not (${messageOf(error)}); write [{"op": "horizontalFlip", "params": {}}]`,
      );
    }
  }
  return parseOptions('recipe', recipeSchema, value).map((draw, i) => {
    const { op, params } = renamed(draw, ops);
    const where = `recipe[${i}] ${op}`;
    return { op, params: parseOptions(where, ops.get(op).params, params) as Record<string, unknown> };
  });
}

/** A draw with current names. A plugin may use an old name for a transform of its own: such draws stay as they are. */
function renamed({ op: name, params }: Draw, ops: Registry<Op>): Draw {
  const op = ops.has(name) ? name : newNameOf(name);
  const known = ops.has(op) ? ops.get(op) : undefined;
  const own = known && ownerOf(known) !== undefined ? params : withNewNames(op, params);
  const nested = known?.recipes;
  const branches = nested === undefined ? undefined : own[nested];
  if (!Array.isArray(branches)) return { op, params: own };
  return { op, params: { ...own, [nested as string]: branches.map((branch) => renamedBranch(branch, ops)) } };
}

function renamedBranch(branch: unknown, ops: Registry<Op>): unknown {
  if (!Array.isArray(branch)) return branch;
  return branch.map((draw) => {
    const named = typeof draw?.op === 'string' && typeof draw.params === 'object' && draw.params !== null;
    return named ? { ...draw, ...renamed(draw as Draw, ops) } : draw;
  });
}
