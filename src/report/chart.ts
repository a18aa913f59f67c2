/** Curves as an SVG; its text is drawn in a font of the viewer. */
import { type Series, span } from './plot.js';

export interface ChartSeries extends Series {
  /** Index of its color. */
  readonly color: number;
  readonly dashed?: boolean;
}

/** The colors of Okabe and Ito, which are distinct with any color vision. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#969696'];
const DARK = '#3c3c43';
const FONT_SIZE = 13;
/** Of the widest letters; what a font makes of a text is not known here. */
const LETTER = 0.65 * FONT_SIZE;
/** From one line of the legend to the next. */
const LINE = 18;

export interface ChartOptions {
  readonly title: string;
  readonly xLabel: string;
  /** A line each, in the color of its number. */
  readonly legend: readonly string[];
  readonly width?: number;
  readonly height?: number;
}

/** The text of an SVG file. Points that are not finite are left out. */
export function chart(
  series: readonly ChartSeries[],
  { title, xLabel, legend, ...size }: ChartOptions,
): string {
  const { width = 960, height = 480 + LINE * legend.length } = size;
  const box = { left: 80, top: 40, right: width - 24, bottom: height - 64 - LINE * legend.length };
  const points = series.flatMap((one) => one.points.filter((point) => point.every(Number.isFinite)));
  const [x0, x1] = span(points.map(([x]) => x));
  const [y0, y1] = span(points.map(([, y]) => y));
  const at = ([x, y]: readonly [number, number]) => ({
    x: round(box.left + ((x - x0) / (x1 - x0)) * (box.right - box.left)),
    y: round(box.bottom - ((y - y0) / (y1 - y0)) * (box.bottom - box.top)),
  });
  const ticks = Array.from({ length: 5 }, (_, i) => y0 + ((y1 - y0) * i) / 4);
  const middle = (box.left + box.right) / 2;
  const below = box.bottom + 20;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="${FONT_SIZE}">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...ticks.map((y) => `<path d="M${box.left} ${at([x0, y]).y}H${box.right}" stroke="#ddd"/>`),
    place(title, middle, 24, DARK, 'middle'),
    ...ticks.map((y) =>
      place(String(Number(y.toPrecision(3))), box.left - 10, at([x0, y]).y + 4, DARK, 'end'),
    ),
    place(String(Math.round(x0)), box.left, below, DARK, 'start'),
    place(String(Math.round(x1)), box.right, below, DARK, 'end'),
    place(xLabel, middle, below, DARK, 'middle'),
    ...legend.flatMap((name, i) => {
      const y = box.bottom + 46 + LINE * i;
      const key = `<rect x="${box.left}" y="${y - 10}" width="14" height="10" fill="${colorOf(i)}"/>`;
      return [key, place(name, box.left + 24, y, colorOf(i), 'start')];
    }),
    ...series.map(line),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;

  function line({ points: own, color, dashed }: ChartSeries): string {
    const places = own.filter((point) => point.every(Number.isFinite)).map(at);
    const stroke = colorOf(color);
    if (places.length === 1)
      return `<circle cx="${places[0].x}" cy="${places[0].y}" r="4" fill="${stroke}"/>`;
    const path = places.map(({ x, y }) => `${x},${y}`).join(' ');
    const dash = dashed ? ' stroke-dasharray="5 5"' : '';
    return `<polyline points="${path}" fill="none" stroke="${stroke}" stroke-width="2.5"${dash}/>`;
  }

  function place(text: string, x: number, y: number, fill: string, anchor: string): string {
    const most = Math.floor((width - 120) / LETTER);
    const kept = text.length > most ? `…${text.slice(1 - most)}` : text; // the end of a path is the most telling part
    return `<text x="${x}" y="${y}" fill="${fill}" text-anchor="${anchor}">${escaped(kept)}</text>`;
  }
}

const colorOf = (i: number): string => COLORS[i % COLORS.length];
const round = (value: number): number => Math.round(10 * value) / 10;

/** As XML has it: what a run is called is anyone's text. */
function escaped(text: string): string {
  const plain = text.replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd');
  return plain.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] as string);
}
