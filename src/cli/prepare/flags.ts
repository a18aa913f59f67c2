/** Options of `rxaug prepare`, and which of them have no meaning together. */
import { UsageError } from '../../core/index.js';

export interface PrepareFlags {
  readonly set: string[];
  readonly seed?: number;
  readonly workers: number;
  readonly memory?: number;
  readonly out?: string;
  readonly work?: string;
  readonly resume?: boolean;
  readonly append?: boolean;
  readonly retryRefused?: boolean;
  readonly shard?: string;
  readonly queue?: string;
  readonly dryRun?: boolean;
  readonly planOnly?: boolean;
  readonly maxRefused?: number;
  readonly log?: string;
  readonly metrics?: number;
  readonly json?: boolean;
}

const NAMES = {
  ...{ set: '--set', seed: '--seed', out: '--out', work: '--work', resume: '--resume', append: '--append' },
  ...{ retryRefused: '--retry-refused', queue: '--queue', dryRun: '--dry-run', planOnly: '--plan-only' },
  ...{ maxRefused: '--max-refused', shard: '--shard', memory: '--memory' },
} as const;
type Named = keyof typeof NAMES;

/** With the first, none of the others, and why. */
const APART: readonly (readonly [first: Named, others: readonly Named[], why: string])[] = [
  ['shard', ['queue'], 'workers take their shards from the queue by themselves'],
  [
    'shard',
    ['out', 'set', 'seed', 'memory', 'append', 'retryRefused', 'dryRun', 'planOnly', 'maxRefused'],
    'the plan says what is rendered',
  ],
  [
    'dryRun',
    ['work', 'resume', 'append', 'retryRefused', 'planOnly', 'queue', 'maxRefused'],
    'nothing is written, and all images are counted',
  ],
  ['planOnly', ['queue', 'maxRefused'], 'no shard is rendered'],
  ['append', ['retryRefused'], 'one adds all that is new, the other only what was refused'],
];

/** @throws UsageError for two that have no meaning together */
export function checkFlags(flags: PrepareFlags): void {
  for (const [first, others, why] of APART) {
    const other = isGiven(flags, first) ? others.find((name) => isGiven(flags, name)) : undefined;
    if (other !== undefined) throw new UsageError(`${NAMES[first]}: ${why}; leave out ${NAMES[other]}`);
  }
}

/** Whether it is not what it is by itself. */
function isGiven(flags: PrepareFlags, name: Named): boolean {
  const value = flags[name];
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== false;
}
