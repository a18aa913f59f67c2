/** The HTML report: whole, offline, and safe with any names. */
import { describe, expect, it } from 'vitest';
import { rotate } from '../../../src/augment/index.js';
import { htmlPage } from '../../../src/search/report/html/page.js';
import { scaleOf } from '../../../src/search/report/html/scale.js';
import { findingsOf } from '../../../src/search/report/summary.js';
import type { SearchResult } from '../../../src/search/result.js';
import { arm, found, policy, result, search, space } from './made.js';

const pageOf = (more: Partial<SearchResult> = {}) => htmlPage(findingsOf(result(more), { space }));
const plain = (html: string) => html.replace(/<style>[\s\S]*?<\/style>|<[^>]*>/g, ' ').replace(/\s+/g, ' ');

/** Elements that are opened and not closed, in order; attributes must be quoted. */
function unclosed(html: string): string[] {
  const open: string[] = [];
  for (const [, close, name, attributes, self] of html.matchAll(
    /<(\/?)([a-zA-Z0-9]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
  )) {
    if (self === '/' || ['meta', 'img'].includes(name)) continue;
    if (close === '') open.push(name);
    else if (open.pop() !== name) return [...open, `</${name}${attributes}>`];
  }
  return open;
}

describe('htmlPage', () => {
  const html = pageOf();

  it('is well-formed: each element is closed, and each < begins a tag', () => {
    expect(unclosed(html)).toEqual([]);
    expect(
      html.replace(/<(?:!doctype html|\/?[a-zA-Z0-9]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?)>/g, ''),
    ).not.toMatch(/[<]/);
    expect(unclosed('<p><b></p>')).not.toEqual([]);
  });

  it('takes nothing from elsewhere and runs nothing', () => {
    expect(html).not.toMatch(/<script|<link|<iframe|@import|url\(|\son\w+=|https?:/i);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
  });

  it('has the conclusion first, then warnings, arms, policy, ops, searches, data and how to read it', () => {
    const order = [...html.matchAll(/<h[123]>([^<]*)/g)].map(([, title]) => title);
    expect(order[0]).toMatch(/^Use it: \+2\.5 points over TrivialAugment/);
    expect(order.slice(1)).toEqual([
      ...[
        'Take care',
        'Found against each control',
        'The learned policy',
        'Search 1, seed 1: the chosen policy',
      ],
      ...['What is applied', 'The searches', 'Data, cost and settings', 'Notes', 'How to read this'],
    ]);
    const text = plain(html);
    expect(text).toContain('rotate 36.3 % 3.1 ± 11.4 −10 to 30 −30 to 30 degrees 0.11 +0.02');
    expect(text).toContain('TrivialAugment 59.7 % 0.6 3 +2.5 +2.3 to +2.6 3 60.0 60.1 59.0');
    expect(text).toContain('Sub-policy 1 for 75.0 % of images rotate 50.0 % (p 0.5, −10 to 20 degrees)');
    expect(text).toContain('c0ffee');
    expect(text).toContain('No pictures were made.');
  });

  it('draws found minus each control with its interval', () => {
    const svg = /<svg[^>]*aria-label="found minus each control"[\s\S]*?<\/svg>/.exec(html)?.[0] ?? '';
    const marks = [...svg.matchAll(/<path d="M([\d.]+) ([\d.]+)H([\d.]+)M[^"]*" stroke="([^"]+)"/g)];
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)"[^>]*r="5"/g)].map(([, x]) => Number(x));
    expect(marks.map(([, , , , color]) => color)).toEqual(['var(--good)', 'var(--good)']);
    // nothing: 8.3 to 14.0, 11.2; TrivialAugment: 2.3 to 2.6, 2.5: on one scale.
    const [[, low, , high], [, low2, , high2]] = marks.map((mark) => mark.map(Number));
    const unit = (dots[0] - dots[1]) / (11.1667 - 2.4667);
    expect(Math.abs(high - low - 5.737 * unit)).toBeLessThan(0.3);
    expect((low + high) / 2).toBeCloseTo(dots[0], 0);
    expect((low2 + high2) / 2).toBeCloseTo(dots[1], 0);
  });

  it('draws strength, effective ops and every other value of the traces, a curve a search', () => {
    const charts = [...html.matchAll(/<figcaption>([^<]*)<\/figcaption><svg[^>]*>([\s\S]*?)<\/svg>/g)];
    const drawn = charts.map(([, title, svg]) => [title, svg.match(/<polyline/g)?.length]);
    expect(drawn).toEqual([
      ['strength', 2],
      ['effective ops (the exponential of the entropy)', 2],
      ['distance', 2],
      ['score', 2],
    ]);
  });

  it('escapes every name', () => {
    const evil = `<script>alert('x')</script>"&\u202e`;
    const other = {
      subPolicies: [{ weight: 1, stages: [[{ op: evil, weight: 1, p: 1, low: 0, high: 1 }]] }],
    };
    const made = result({
      pipeline: evil,
      strategy: evil,
      classes: [evil],
      notes: [evil],
      settings: { [evil]: evil, nested: { a: [evil] } },
      arms: [found([0.6, 0.62], [0.6, 0.61]), arm(evil, 0.5, 0.55), arm('nothing', 0.4, 0.42)],
      splits: { [evil]: { images: 1, sha256: evil } } as unknown as SearchResult['splits'],
      worth: [{ op: evil, worth: 1 }],
      searches: [0, 1].map(() =>
        search({
          policy: other,
          withoutGradient: [evil],
          trace: [{ progress: 0, strength: 1, effectiveOps: 1, values: { [evil]: 1 } }],
        }),
      ),
    });
    const magnitude = { low: 0, high: 1, neutral: 0, unit: evil };
    const evilOp = {
      name: evil,
      magnitude,
      make: (low: number, high: number) => rotate({ angle: [low, high] }),
    };
    const page = htmlPage(findingsOf(made, { space: { ...space, ops: [evilOp] } }));
    expect(page).not.toContain('<script');
    expect(page).not.toContain('\u202e');
    expect(page.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(15);
    expect(unclosed(page)).toEqual([]);
  });

  it.each([
    ['nothing trained, no search', { arms: [], searches: [], worth: [], notes: [], classes: [] }],
    ['one pair', { arms: [found([0.6], [0.62]), arm('nothing', 0.5)] }],
    [
      'an arm without runs, NaN',
      { arms: [found([Number.NaN, 0.6]), arm('nothing', 0.5, 0.6), arm('uniform')] },
    ],
    [
      'traces of NaN, of one point and of none',
      {
        searches: [
          search({ trace: [] }),
          search({
            trace: [{ progress: 0, strength: Number.NaN, effectiveOps: 2, values: { loss: Number.NaN } }],
          }),
        ],
      },
    ],
  ] as [string, Partial<SearchResult>][])('is whole with %s', (_, more) => {
    const page = pageOf(more);
    expect(unclosed(page)).toEqual([]);
    expect(page).not.toMatch(/NaN|undefined|null|Infinity/);
  });

  it('shows 25 sub-policies and six ops of a stage, and counts the others', () => {
    const [first] = policy.subPolicies;
    const rare = [
      { op: 'hflip', weight: 200, p: 1 },
      { op: 'equalize', weight: 1, p: 1 },
    ];
    const many = { subPolicies: Array.from({ length: 40 }, () => ({ ...first, stages: [rare] })) };
    const text = plain(pageOf({ searches: [search({ policy: many })] }));
    expect(text).toContain('Sub-policy 25 for 2.5 %');
    expect(text).not.toContain('Sub-policy 26');
    expect(text).toContain('15 more sub-policies, with 37.5 % of the odds together, are in the policy file.');
    expect(text).toContain('hflip 99.5 % (p 1), and 1 more with 0.5 % together');
    const even = Array.from({ length: 8 }, () => ({ op: 'hflip', weight: 1, p: 0.5 }));
    const each = { subPolicies: [{ weight: 1, stages: [even] }] };
    const stage = /<ol>[\s\S]*?<\/ol>/.exec(pageOf({ searches: [search({ policy: each })] }))?.[0] ?? '';
    expect(plain(stage).match(/hflip/g)).toHaveLength(6);
    expect(plain(stage)).toContain(', and 2 more with 25.0 % together');
    const none = { subPolicies: [{ weight: 1, stages: [[{ op: 'hflip', weight: 0, p: 1 }]] }] };
    expect(pageOf({ searches: [search({ policy: none })] })).toContain('<ol><li>nothing</li></ol>');
  });
});

describe('scaleOf', () => {
  it('has round ticks that hold all values', () => {
    expect(scaleOf([0.013, 0.0404], 0, 100).ticks).toEqual([0.01, 0.02, 0.03, 0.04, 0.05]);
    expect(scaleOf([-3, 7], 0, 100).ticks).toEqual([-4, -2, 0, 2, 4, 6, 8]);
    expect(scaleOf([0, 10], 100, 0, 5).at(5)).toBe(50);
  });

  it('has a range for equal values, and for none', () => {
    const { ticks, at } = scaleOf([0.5, Number.NaN], 0, 100);
    expect(ticks.length).toBeGreaterThan(1);
    expect(at(0.5)).toBeGreaterThan(0);
    expect(scaleOf([], 0, 100).ticks.length).toBeGreaterThan(1);
  });
});
