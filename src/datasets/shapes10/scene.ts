/**
 * One picture of `shapes10` as SVG: background, clutter, the object, and what covers it.
 *
 * All that is drawn (colors, textures, pose, clutter, occlusion) is independent of the label; only the
 * outline depends on it. The label is the outline of the largest shape.
 *
 * The difficulty was set by experiment: a ResNet-8 on 2,000 pictures of 32×32, 25 epochs of momentum SGD, reaches
 * 99 % on them and 71 % on others; flips, shifts and Cutout bring the others to 79 % in 30 epochs.
 */
import type { Draws } from '../../core/index.js';
import { glyph, n, SHAPES } from './glyphs.js';

type Color = readonly [number, number, number];

/** The picture in a view box of −1..1; `id` keeps its definitions apart from those of its neighbors. */
export function scene(label: number, draws: Draws, id: string): string {
  const defs: string[] = [];
  const paint = (color: Color): string => {
    const { reference, definition } = texture(color, draws, `${id}-${defs.length}`);
    if (definition) defs.push(definition);
    return reference;
  };
  const ground = groundColor(draws);
  const color = objectColor(draws);
  const parts = [`<rect x="-1" y="-1" width="2" height="2" fill="${paint(ground)}"/>`];
  for (let k = draws.int(4); k > 0; k--) parts.push(clutter(draws));
  parts.push(object(label, color, paint, draws));
  if (draws.chance(0.5)) parts.push(occluder(draws));
  return `<defs>${defs.join('')}</defs>${parts.join('')}`;
}

function object(label: number, color: Color, paint: (c: Color) => string, draws: Draws): string {
  const scale = draws.uniform(0.48, 0.87);
  const room = 1 - 0.75 * scale;
  const x = draws.uniform(-room, room);
  const y = draws.uniform(-room, room);
  const stretch = Math.exp(draws.uniform(-0.2, 0.2));
  const matrix = pose(x, y, scale, stretch, draws);
  const edge = draws.chance(0.4)
    ? ` stroke="${css(anyColor(draws))}" stroke-width="${n(draws.uniform(0.04, 0.12))}"`
    : '';
  return `<path d="${glyph(label, draws)}" fill-rule="evenodd" fill="${paint(color)}"${edge} transform="${matrix}"/>`;
}

/** Turned by up to 36° (half of a pentagon's step), mirrored half of the time, stretched and sheared. */
function pose(x: number, y: number, scale: number, stretch: number, draws: Draws): string {
  const angle = draws.uniform(-36, 36);
  const mirror = draws.sign();
  const skew = draws.uniform(-12, 12);
  return `translate(${n(x)},${n(y)})rotate(${n(angle)})skewX(${n(skew)})scale(${n(mirror * scale * stretch)},${n(scale / stretch)})`;
}

/** Small things behind the object: outlines of any class, lines and arcs. */
function clutter(draws: Draws): string {
  const x = draws.uniform(-1, 1);
  const y = draws.uniform(-1, 1);
  const color = css(anyColor(draws));
  if (draws.chance(0.5)) {
    const scale = draws.uniform(0.12, 0.3);
    const d = glyph(draws.int(SHAPES.length), draws);
    return `<path d="${d}" fill-rule="evenodd" fill="${color}" transform="${pose(x, y, scale, 1, draws)}"/>`;
  }
  const [dx, dy, bend] = [draws.uniform(-1, 1), draws.uniform(-1, 1), draws.uniform(-0.8, 0.8)];
  const line = `M${n(x)},${n(y)}q${n(dx / 2 - dy * bend)},${n(dy / 2 + dx * bend)} ${n(dx)},${n(dy)}`;
  return `<path d="${line}" fill="none" stroke="${color}" stroke-width="${n(draws.uniform(0.04, 0.16))}"/>`;
}

/** A bar or a blob before the object. */
function occluder(draws: Draws): string {
  const color = css(anyColor(draws));
  const turn = `translate(${n(draws.uniform(-0.7, 0.7))},${n(draws.uniform(-0.7, 0.7))})rotate(${n(draws.uniform(0, 180))})`;
  if (draws.chance(0.5)) {
    const width = draws.uniform(0.12, 0.34);
    return `<rect x="-2" y="${n(-width / 2)}" width="4" height="${n(width)}" fill="${color}" transform="${turn}"/>`;
  }
  return `<ellipse rx="${n(draws.uniform(0.15, 0.4))}" ry="${n(draws.uniform(0.12, 0.3))}" fill="${color}" transform="${turn}"/>`;
}

/** A fill around a color: flat, gradient, stripes, dots or checks. */
function texture(color: Color, draws: Draws, id: string): { reference: string; definition?: string } {
  const other = near(color, draws);
  const reference = `url(#${id})`;
  const turn = n(draws.uniform(0, 180));
  const [a, b] = [css(color), css(other)];
  const kind = draws.int(6);
  if (kind === 0) return { reference: a };
  if (kind === 1) {
    const stops = `<stop stop-color="${a}"/><stop offset="1" stop-color="${b}"/>`;
    return {
      reference,
      definition: `<linearGradient id="${id}" gradientTransform="rotate(${turn},.5,.5)">${stops}</linearGradient>`,
    };
  }
  if (kind === 2) {
    const stops = `<stop stop-color="${a}"/><stop offset="1" stop-color="${b}"/>`;
    const at = `cx="${n(draws.uniform())}" cy="${n(draws.uniform())}"`;
    return { reference, definition: `<radialGradient id="${id}" ${at} r="0.9">${stops}</radialGradient>` };
  }
  const period = draws.uniform(0.18, 0.5);
  const [p, half] = [n(period), n(period / 2)];
  const mark =
    kind === 3
      ? `<rect width="${p}" height="${half}" fill="${b}"/>`
      : kind === 4
        ? `<circle cx="${half}" cy="${half}" r="${n(period * draws.uniform(0.22, 0.4))}" fill="${b}"/>`
        : `<path d="M0,0h${half}v${p}h${half}v-${half}h-${p}z" fill="${b}"/>`;
  const open = `<pattern id="${id}" width="${p}" height="${p}" patternUnits="userSpaceOnUse" patternTransform="rotate(${turn})">`;
  return { reference, definition: `${open}<rect width="${p}" height="${p}" fill="${a}"/>${mark}</pattern>` };
}

/** Backgrounds are dark and dull, objects bright, clutter in between, as under a lamp. */
function groundColor(draws: Draws): Color {
  return hued(draws, draws.uniform(15, 115), 0.5);
}

function objectColor(draws: Draws): Color {
  return hued(draws, draws.uniform(140, 245), 0.7);
}

function anyColor(draws: Draws): Color {
  return hued(draws, draws.uniform(20, 200), 0.7);
}

/** A color of a brightness whose channels differ from it by up to a share. */
function hued(draws: Draws, brightness: number, share: number): Color {
  const channel = () =>
    Math.round(Math.max(0, Math.min(255, brightness * (1 + draws.uniform(-share, share)))));
  return [channel(), channel(), channel()];
}

/** A color of the same neighborhood, for a texture's second part. */
function near(color: Color, draws: Draws): Color {
  const by = draws.uniform(0.6, 1.4);
  return color.map((v) => Math.max(0, Math.min(255, Math.round(v * by)))) as unknown as Color;
}

function css(color: Color): string {
  return `#${color.map((v) => v.toString(16).padStart(2, '0')).join('')}`;
}
