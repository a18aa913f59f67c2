/** Numbers as people read them. */

/** 0.8312 → '83.1 %' */
export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** Four significant digits, no more: '1.234', '0.00012', '5e-7'. */
export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}

/** 75 → '1 min 15 s', 0.25 → '0.3 s' */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** counted(1, 'shard') → '1 shard', counted(2000, 'shard') → '2,000 shards' */
export function counted(count: number, one: string): string {
  return `${grouped(count)} ${one}${count === 1 ? '' : 's'}`;
}

/** 1234567 → '1,234,567' */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** '30 steps in 20 s'; of a run that continued from step 20 '30 steps, 10 of them now, in 7.1 s'. */
export function stepsIn(
  { step, seconds }: { readonly step: number; readonly seconds: number },
  resumedAt = 0,
): string {
  const now = resumedAt > 0 ? `, ${step - resumedAt} of them now,` : '';
  return `${step} steps${now} in ${duration(seconds)}`;
}
