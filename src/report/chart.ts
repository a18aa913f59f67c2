/**
 * Curves as a picture: an SVG of lines without text, and the texts with their places, for `drawText`; so a machine
 * without fonts gives the same picture as any other.
 */
import { textWidth } from './pixel-font.js';
import { type Series, span } from './plot.js';

export interface ChartSeries extends Series {
  /** Index of its color. */
  readonly color: number;
  readonly dashed?: boolean;
}

export interface Chart {
  readonly width: number;
  readonly height: number;
  readonly svg: string;
  readonly texts: readonly {
    readonly text: string;
    readonly x: number;
    readonly y: number;
    readonly ink: Ink;
  }[];
}

type Ink = readonly [number, number, number];

/** Okabe and Ito's colors, which people with any color vision tell apart. */
const COLORS: readonly Ink[] = [
  [0, 114, 178],
  [213, 94, 0],
  [0, 158, 115],
  [204, 121, 167],
  [230, 159, 0],
  [86, 180, 233],
  [0, 0, 0],
  [150, 150, 150],
];
const DARK: Ink = [60, 60, 67];
/** Pixels of the picture for one of a letter. */
export const TEXT_SCALE = 2;
const LINE = 8 * TEXT_SCALE;

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  /** A line each, in the color of its number. */
  readonly legend: readonly string[];
  readonly width?: number;
  readonly height?: number;
}

export function chart(
  series: readonly ChartSeries[],
  { title, xLabel, legend, ...size }: ChartOptions,
): Chart {
  const { width = 960, height = 540 } = size;
  const box = { left: 80, top: 40, right: width - 24, bottom: height - 64 - LINE * legend.length };
  const points = series.flatMap((one) => one.points.filter((point) => point.every(Number.isFinite)));
  const [x0, x1] = span(points.map(([x]) => x));
  const [y0, y1] = span(points.map(([, y]) => y));
  const at = ([x, y]: readonly [number, number]) => ({
    x: box.left + ((x - x0) / (x1 - x0)) * (box.right - box.left),
    y: box.bottom - ((y - y0) / (y1 - y0)) * (box.bottom - box.top),
  });
  const ticks = Array.from({ length: 5 }, (_, i) => y0 + ((y1 - y0) * i) / 4);
  const texts = [
    place(title, (box.left + box.right) / 2, 12, DARK, 'middle'),
    ...ticks.map((y) =>
      place(String(Number(y.toPrecision(3))), box.left - 10, at([x0, y]).y - 5, DARK, 'end'),
    ),
    place(String(Math.round(x0)), box.left, box.bottom + 10, DARK, 'start'),
    place(String(Math.round(x1)), box.right, box.bottom + 10, DARK, 'end'),
    place(xLabel, (box.left + box.right) / 2, box.bottom + 10, DARK, 'middle'),
    ...legend.map((name, i) => place(name, box.left + 24, box.bottom + 36 + LINE * i, inkOf(i), 'start')),
  ];
  const grid = ticks.map((y) => `<path d="M${box.left} ${at([x0, y]).y}H${box.right}" stroke="#ddd"/>`);
  const keys = legend.map(
    (_, i) =>
      `<rect x="${box.left}" y="${box.bottom + 36 + LINE * i}" width="14" height="10" fill="${css(i)}"/>`,
  );
  const lines = series.map(({ points: own, color, dashed }) => {
    const places = own.filter((point) => point.every(Number.isFinite)).map(at);
    const path = places.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
    const dots =
      places.length > 1
        ? ''
        : places.map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="4" fill="${css(color)}"/>`).join('');
    const dash = dashed ? ' stroke-dasharray="5 5"' : '';
    return `${dots}<polyline points="${path}" fill="none" stroke="${css(color)}" stroke-width="2.5"${dash}/>`;
  });
  const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`;
  const svg = [
    head,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...grid,
    ...keys,
    ...lines,
    '</svg>',
  ].join('');
  return { width, height, svg, texts };

  function place(text: string, x: number, y: number, ink: Ink, anchor: 'start' | 'middle' | 'end') {
    let kept = text;
    while (kept.length > 1 && TEXT_SCALE * textWidth(kept) > width - 40) kept = kept.slice(1); // the end of a path says most
    const wide = TEXT_SCALE * textWidth(kept);
    const shift = anchor === 'start' ? 0 : anchor === 'middle' ? wide / 2 : wide;
    return { text: kept, x: Math.max(0, Math.round(x - shift)), y: Math.round(y), ink };
  }
}

const inkOf = (i: number): Ink => COLORS[i % COLORS.length];
const css = (i: number) => `rgb(${inkOf(i).join(',')})`;
