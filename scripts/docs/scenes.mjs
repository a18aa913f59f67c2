/** The pictures that the strips are drawn on: still life, coast, street and portrait, made here as SVG. */
import sharp from 'sharp';

export const SIDE = 96;

const svg = (body) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="480" viewBox="0 0 480 480">
  <defs>
    <filter id="grain" x="0" y="0" width="1" height="1">
      <feTurbulence type="fractalNoise" baseFrequency="0.02 0.3" numOctaves="3" seed="4" result="n"/>
      <feColorMatrix in="n" type="matrix" values="0 0 0 0 0.2  0 0 0 0 0.1  0 0 0 0 0  0.9 0 0 0 -0.15"/>
    </filter>
    <filter id="cloud" x="0" y="0" width="1" height="1">
      <feTurbulence type="fractalNoise" baseFrequency="0.012 0.03" numOctaves="4" seed="9" result="n"/>
      <feColorMatrix in="n" type="matrix" values="0 0 0 0 1  0 0 0 0 1  0 0 0 0 1  2.6 0 0 0 -1.0"/>
    </filter>
    <filter id="soft"><feGaussianBlur stdDeviation="9"/></filter>
    ${GRADIENTS}
  </defs>${body}</svg>`;

const radial = (id, ...stops) =>
  `<radialGradient id="${id}" cx="0.36" cy="0.3" r="0.75">${stops
    .map(([at, colour]) => `<stop offset="${at}" stop-color="${colour}"/>`)
    .join('')}</radialGradient>`;
const linear = (id, x2, y2, ...stops) =>
  `<linearGradient id="${id}" x1="0" y1="0" x2="${x2}" y2="${y2}">${stops
    .map(([at, colour]) => `<stop offset="${at}" stop-color="${colour}"/>`)
    .join('')}</linearGradient>`;

const GRADIENTS = [
  radial('apple', [0, '#ffb199'], [0.25, '#e0362c'], [1, '#5d0a12']),
  radial('lemon', [0, '#fffbc0'], [0.35, '#f4cf2c'], [1, '#8a6206']),
  radial('plum', [0, '#b9a2e8'], [0.3, '#5a3a94'], [1, '#1d0d3a']),
  radial('skin', [0, '#f6d3b3'], [0.6, '#d79b70'], [1, '#8f5836']),
  linear('wall', 1, 1, [0, '#e9e2d0'], [0.5, '#9fb0b3'], [1, '#4d6470']),
  linear('wood', 0, 1, [0, '#b98550'], [1, '#6b4020']),
  linear(
    'glass',
    1,
    0,
    [0, '#0f3d2a'],
    [0.25, '#5fb487'],
    [0.4, '#1d6a48'],
    [0.8, '#0d3a28'],
    [1, '#2c7f5a'],
  ),
  linear('sky', 0, 1, [0, '#3f7fc4'], [0.7, '#bfdcf0'], [1, '#f6e3c6']),
  linear('sea', 0, 1, [0, '#2d7aa0'], [1, '#0b3550']),
  linear('dusk', 0, 1, [0, '#2b2f5c'], [0.6, '#c9645c'], [1, '#f2b46b']),
  linear('room', 1, 1, [0, '#c7d3b8'], [1, '#53704f']),
].join('');

const STILL_LIFE = svg(`
  <rect width="480" height="330" fill="url(#wall)"/>
  <g stroke="#fff" stroke-opacity="0.5" stroke-width="5" fill="#fffbe8" fill-opacity="0.55">
    <rect x="28" y="26" width="64" height="84"/><rect x="100" y="26" width="64" height="84"/>
    <rect x="28" y="118" width="64" height="84"/><rect x="100" y="118" width="64" height="84"/>
  </g>
  <rect y="310" width="480" height="170" fill="url(#wood)"/>
  <rect y="310" width="480" height="170" filter="url(#grain)"/>
  <ellipse cx="250" cy="418" rx="190" ry="26" fill="#2a1407" opacity="0.55" filter="url(#soft)"/>
  <path d="M330 130 v-62 h44 v62 c44 26 40 70 40 100 v180 h-124 v-180 c0-30-4-74 40-100z" fill="url(#glass)"/>
  <rect x="296" y="262" width="112" height="98" fill="#f3ead2"/>
  <path d="M336 338 v-62 h20 a17 17 0 0 1 0 35 h-20 M354 311 l22 27" stroke="#8c1c1c" stroke-width="10" fill="none"/>
  <path d="M306 240 v150" stroke="#d9ffee" stroke-opacity="0.7" stroke-width="7" fill="none"/>
  <circle cx="150" cy="350" r="76" fill="url(#apple)"/>
  <path d="M150 280 c4-26 12-36 24-44" stroke="#4b2c12" stroke-width="8" fill="none"/>
  <path d="M160 262 c30-34 64-24 70-14 c-20 20-46 28-70 14z" fill="#4f9a3c"/>
  <ellipse cx="256" cy="398" rx="64" ry="44" fill="url(#lemon)"/>
  <circle cx="82" cy="410" r="38" fill="url(#plum)"/>`);

const COAST = svg(`
  <rect width="480" height="300" fill="url(#sky)"/><rect width="480" height="230" filter="url(#cloud)"/>
  <rect y="270" width="480" height="210" fill="url(#sea)"/>
  <rect y="270" width="480" height="210" filter="url(#grain)" opacity="0.6"/>
  <path d="M0 250 L90 170 L150 214 L240 130 L330 236 L400 270 H0z" fill="#5b6b4a"/>
  <path d="M240 130 L330 236 L400 270 H250z" fill="#3c4a38"/>
  <path d="M300 390 h120 l-24 40 h-76z" fill="#7a2f1d"/><path d="M356 386 V250 L296 372z" fill="#f7f3e6"/>
  <path d="M362 386 V262 L416 376z" fill="#e3572e"/>`);

const STREET = svg(`
  <rect width="480" height="480" fill="url(#dusk)"/>
  <rect x="20" y="120" width="130" height="300" fill="#3d2a3c"/><rect x="165" y="60" width="120" height="360" fill="#6b3d3a"/>
  <rect x="300" y="160" width="160" height="260" fill="#2c3350"/>
  <g fill="#ffd77a">${[0, 1, 2, 3, 4, 5]
    .flatMap((j) =>
      [0, 1, 2].map((i) => `<rect x="${180 + 34 * i}" y="${80 + 52 * j}" width="20" height="30"/>`),
    )
    .join('')}${[0, 1, 2, 3]
    .flatMap((j) =>
      [0, 1, 2].map((i) => `<rect x="${36 + 38 * i}" y="${142 + 60 * j}" width="22" height="34"/>`),
    )
    .join('')}${[0, 1, 2]
    .flatMap((j) =>
      [0, 1, 2, 3].map((i) => `<rect x="${314 + 36 * i}" y="${182 + 66 * j}" width="22" height="34"/>`),
    )
    .join('')}</g>
  <rect y="414" width="480" height="66" fill="#23222b"/><path d="M0 448 H480" stroke="#f2e9c9" stroke-width="6" stroke-dasharray="44 30"/>
  <path d="M70 430 v-30 h24 l18-26 h64 l22 26 h30 v30z" fill="#2aa7a0"/><circle cx="110" cy="432" r="17"/><circle cx="192" cy="432" r="17"/>`);

const PORTRAIT = svg(`
  <rect width="480" height="480" fill="url(#room)"/>
  <path d="M60 480 c10-110 90-140 180-140 s170 30 180 140z" fill="#26478d"/>
  <path d="M200 300 h80 v60 c-20 24-60 24-80 0z" fill="#b87c52"/>
  <path d="M120 230 c-20-150 60-190 120-190 s150 40 120 200 l-20 40 h-200z" fill="#4a2a18"/>
  <ellipse cx="240" cy="220" rx="92" ry="118" fill="url(#skin)"/>
  <path d="M146 200 c10-90 60-110 96-108 c60 0 90 40 94 108 c-30-20-50-50-60-70 c-30 40-90 60-130 70z" fill="#5b341d"/>
  <ellipse cx="204" cy="216" rx="15" ry="9" fill="#fff"/><ellipse cx="276" cy="216" rx="15" ry="9" fill="#fff"/>
  <circle cx="205" cy="216" r="8" fill="#2d5a3a"/><circle cx="277" cy="216" r="8" fill="#2d5a3a"/>
  <path d="M240 222 l-12 42 h22" stroke="#8f5836" stroke-width="5" fill="none"/>
  <path d="M206 292 c20 16 48 16 68 0" stroke="#a63c3c" stroke-width="10" fill="none"/>`);

const SCENES = [STILL_LIFE, COAST, STREET, PORTRAIT];

/** [SIDE, SIDE, 3] uint8 each; the first is what single transforms are shown on. */
export const scenes = () => Promise.all(SCENES.map(drawn));

/** The same as JPEG files of another size. */
export const sceneFiles = (side) =>
  Promise.all(
    SCENES.map((source) =>
      sharp(Buffer.from(source)).resize(side, side).removeAlpha().jpeg({ quality: 88 }).toBuffer(),
    ),
  );

async function drawn(source) {
  const data = await sharp(Buffer.from(source)).resize(SIDE, SIDE).removeAlpha().raw().toBuffer();
  return { data: new Uint8Array(data), width: SIDE, height: SIDE };
}
