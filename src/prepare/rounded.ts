/** To six digits: the rest is rounding of the machine's own. */
export const rounded = (value: number): number => Number(value.toPrecision(6));
