import type * as augment from '../../../src/augment/index.js';
import type { Draw } from '../../../src/core/index.js';
import type { SearchSpace } from '../../../src/search/space/search-space.js';

export function spaceOf(transforms: typeof augment): SearchSpace;
export function opOf(draw: Draw): [op: string, magnitude: number | undefined];
