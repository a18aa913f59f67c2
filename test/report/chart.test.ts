import { describe, expect, it } from 'vitest';
import { chart } from '../../src/report/chart.js';

const options = { title: 'accuracy', xLabel: 'epoch', legend: ['one', 'two'] };
const series = [
  {
    name: 'one',
    color: 0,
    points: [
      [1, 0],
      [2, 0.5],
      [3, 1],
    ] as [number, number][],
  },
  {
    name: 'two',
    color: 1,
    dashed: true,
    points: [
      [1, 0.25],
      [2, Number.NaN],
      [3, 0.75],
    ] as [number, number][],
  },
];
const words = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, word]) => word);

describe('chart', () => {
  it('draws a line through the finite points of each series, in its color', () => {
    const lines = chart(series, { ...options, width: 304, height: 240 }).match(/<polyline[^>]*>/g);
    expect(lines).toEqual([
      '<polyline points="80,140 180,90 280,40" fill="none" stroke="#0072b2" stroke-width="2.5"/>',
      '<polyline points="80,115 280,65" fill="none" stroke="#d55e00" stroke-width="2.5" stroke-dasharray="5 5"/>',
    ]);
  });

  it('writes the title, five ticks, the ends of the x axis and the legend as text', () => {
    const svg = chart(series, options);
    expect(words(svg)).toEqual([
      ...['accuracy', '0', '0.25', '0.5', '0.75', '1', '1', '3', 'epoch', 'one', 'two'],
    ]);
    expect(svg).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="960" height="516" viewBox="0 0 960 516"/,
    );
  });

  it('draws a series of one point as a dot', () => {
    const one = { name: 'one', color: 2, points: [[1, 0.5]] as [number, number][] };
    const svg = chart([one], { ...options, legend: ['one'] });
    expect(svg).toMatch(/<circle cx="[\d.]+" cy="[\d.]+" r="4" fill="#009e73"\/>/);
    expect(svg).not.toContain('<polyline');
  });

  it('keeps the end of a name that is too long, and escapes what XML would read as markup', () => {
    const legend = [`${'x/'.repeat(200)}end`, '<script>&"\u0007é'];
    const found = words(chart(series, { ...options, legend }));
    expect(found.at(-2)).toMatch(/^…(x\/|\/x)+\/end$/);
    expect(found.at(-2)?.length).toBeLessThan(110);
    expect(found.at(-1)).toBe('&lt;script&gt;&amp;"\ufffdé');
  });
});
