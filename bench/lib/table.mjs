/** Results for people. */

export function table(report) {
  const { machine } = report;
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.os}, Node ${machine.node}` +
      (machine.pinned ? '' : '; no taskset: processes were not pinned to cores'),
  ];
  for (const result of report.results) {
    lines.push('', `${result.name}  ${result.about}`, `  (${result.unit}, ${result.conditions})`);
    if (result.error) lines.push(`  rxaug             failed: ${result.error}`);
    else lines.push(row('rxaug', result.spread.rxaug));
    for (const name of Object.keys(result.peers))
      lines.push(row(name, result.spread[name], result.ratio[name], result.ratioSpread[name]));
    for (const [name, reason] of Object.entries(result.absent))
      lines.push(`  ${name.padEnd(24)}absent: ${reason}`);
    if (result.byTheClock) {
      const wall = Object.entries(result.byTheClock).map(([name, { median }]) => `${name} ${number(median)}`);
      lines.push(`  by the clock, a second: ${wall.join(', ')}`);
    }
    const disturbed = Object.entries(result.disturbed).map(([name, turns]) => `${name} in ${turns}`);
    if (disturbed.length > 0)
      lines.push(`  other work disturbed turns: ${disturbed.join(', ')}; measure again`);
    if (result.shares) {
      const parts = Object.entries(result.shares).map(
        ([stage, share]) => `${stage} ${(100 * share).toFixed(0)} %`,
      );
      lines.push(`  of our time: ${parts.join(', ')}`);
    }
  }
  return lines.join('\n');
}

function row(name, { median, min, max }, ratio, span) {
  const figures = `${number(median).padStart(10)}   ${`${number(min)} – ${number(max)}`.padEnd(20)}`;
  const faster =
    ratio === undefined
      ? ''
      : ` rxaug is ${ratio.toFixed(2)}× (${span[0].toFixed(2)} – ${span[1].toFixed(2)})`;
  return `  ${name.padEnd(24)}${figures}${faster}`.trimEnd();
}

const number = (x) =>
  x >= 1000 ? Math.round(x).toLocaleString('en') : x >= 100 ? x.toFixed(0) : x.toFixed(2);
