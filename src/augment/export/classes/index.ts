/**
 * Python classes that a file for torchvision may need beside torchvision's own: each draws as the transform of ours
 * does, then changes the image by functional operations. Only those that are used are written.
 */
import { COLOUR } from './color.js';
import { COMMON } from './common.js';
import { GEOMETRY } from './geometry.js';
import type { Part } from './part.js';
import { POLICY_CLASSES } from './policies.js';
import { TIMM_CLASSES } from './timm.js';

const PARTS: Readonly<Record<string, Part>> = {
  ...COMMON,
  ...GEOMETRY,
  ...COLOUR,
  ...POLICY_CLASSES,
  ...TIMM_CLASSES,
};

/** The text of what is used and of what that needs, in one fixed order. */
export function classesOf(used: ReadonlySet<string>): string {
  const wanted = new Set<string>();
  const want = (name: string): void => {
    wanted.add(name);
    PARTS[name]?.needs?.forEach(want);
  };
  used.forEach(want);
  return Object.entries(PARTS)
    .filter(([name]) => wanted.has(name))
    .map(([, { text }]) => `\n${text}`)
    .join('');
}
