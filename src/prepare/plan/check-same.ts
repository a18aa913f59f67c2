/** Whether a plan that is there is what is asked for now. */
import { jsonDigest } from '../../core/files/json-digest.js';
import { show, UsageError } from '../../core/index.js';
import type { OutputSchema } from '../../io/write/output.js';
import type { Rules } from '../definition.js';
import { differences, versions } from '../versions.js';
import type { Plan } from './plan.js';

/** What is asked for. */
export interface Asked {
  readonly name: string;
  readonly seed: number;
  /** Undefined where it is not said. */
  readonly memory?: number;
  readonly rules: Rules;
  readonly schema: OutputSchema;
  /** Of the source; undefined where it may have grown. */
  readonly images?: number;
}

/** What of a schema has to stay, as numbers in finished shards stand for it, and what it is called. */
const FIELDS = {
  classes: 'classes',
  boxClasses: 'classes of boxes',
  masks: 'masks',
  keypoints: 'keypoints',
  labels: 'labels',
} as const;

/** @throws UsageError that names all that differs */
export async function checkSame(plan: Plan, where: string, asked: Asked): Promise<void> {
  const changes = [
    ...changed('the pipeline', plan.name, asked.name),
    ...changed('the seed', plan.seed, asked.seed),
    ...changed('--memory', plan.memory, asked.memory ?? plan.memory),
    ...Object.keys({ ...plan.rules, ...asked.rules }).flatMap((field) =>
      same(fieldOf(plan.rules, field), fieldOf(asked.rules, field)) ? [] : [changedRule(field, plan, asked)],
    ),
    ...Object.entries(FIELDS).flatMap(([field, called]) =>
      changed(`the ${called} of the source`, fieldOf(plan.schema, field), fieldOf(asked.schema, field)),
    ),
    ...changed('the number of its images', plan.source.images, asked.images ?? plan.source.images),
  ];
  if (changes.length > 0)
    throw new UsageError(
      `prepare: ${where} was planned otherwise (${changes.join('; ')}); give what it was planned with, or choose another folder`,
    );
  const odd = differences(plan.versions, await versions());
  if (odd)
    throw new UsageError(
      `prepare: ${where} was planned with other versions, which make other bytes (${odd}); install those, or prepare into another folder`,
    );
}

type FilterRule = Rules['filters'][number];

/** Of filters, which: a model that was trained again is another file of the same name. */
function changedRule(field: string, plan: Plan, asked: Asked): string {
  const [before, now]: (readonly FilterRule[])[] = [plan.rules.filters, asked.rules.filters];
  const names = (filters: readonly FilterRule[]) => filters.map(({ name }) => name).join(', ') || 'none';
  if (field === 'generate') return changedGenerate(plan.rules, asked.rules);
  if (field !== 'filters') return `${field} is another`;
  if (names(before) !== names(now)) return `filters: ${names(before)} before, ${names(now)} now`;
  const odd = now.flatMap((filter, i) => {
    const old = before[i] as FilterRule;
    if (same(old, filter)) return [];
    if (same(old.model, filter.model)) return [`filter ${filter.name} has other options`];
    const sha = (model: unknown) => String(model).slice(0, 12);
    return [
      `filter ${filter.name} has another model, of SHA-256 ${sha(old.model)} before, ${sha(filter.model)} now`,
    ];
  });
  return odd.join('; ');
}

function changedGenerate({ generate: was }: Rules, { generate: is }: Rules): string {
  const models = (one: Rules['generate']) =>
    [one?.model, one?.encoder?.model].map((sha) => sha?.slice(0, 12));
  const [before, now] = [models(was), models(is)];
  const at = was && is ? now.findIndex((sha, i) => sha !== before[i]) : -1;
  return at < 0
    ? 'generate is another'
    : `generate has another model, of SHA-256 ${before[at] ?? 'none'} before, ${now[at] ?? 'none'} now`;
}

const fieldOf = (of: object, field: string): unknown => (of as Readonly<Record<string, unknown>>)[field];

const same = (a: unknown, b: unknown): boolean => jsonDigest(a ?? null) === jsonDigest(b ?? null);

const changed = (what: string, before: unknown, now: unknown): string[] =>
  same(before, now) ? [] : [`${what}: ${show(before)} before, ${show(now)} now`];
