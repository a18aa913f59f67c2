/** Controls that every problem has, in the order of the report. */
export const STANDARD_CONTROLS = [
  'nothing',
  'crop+flip',
  'uniform',
  'RandAugment',
  'TrivialAugment',
  'TrivialAugment wide',
] as const;

/** The name of a control that every problem has. */
export type StandardControl = (typeof STANDARD_CONTROLS)[number];
