/** Controls for options: sliders with a number beside them, lists, colors, switches, and JSON where nothing fits. */
import { kindOf, listIn, rangeOf } from './schema.js';

let ids = 0;

/** @returns {{ element: HTMLElement, read(): unknown }} `read` throws where the text is no JSON. */
export function control({ name, schema, about }, initial, changed) {
  const kind = kindOf(schema, initial);
  const made = MAKERS[kind](schema, initial, changed, name);
  const element = document.createElement('div');
  element.className = 'option';
  const label = document.createElement(made.input ? 'label' : 'span');
  label.textContent = name;
  if (made.input) {
    made.input.id = `option-${ids++}`;
    label.htmlFor = made.input.id;
  }
  label.className = 'label';
  element.append(label, made.element);
  if (about) {
    const text = document.createElement('small');
    text.textContent = about;
    element.append(text);
  }
  return { element, read: made.read };
}

const MAKERS = { choice, choices, flag, number, interval, numbers, color, json };

function node(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function choice(schema, initial, changed) {
  const input = node(
    'select',
    {},
    ...schema.enum.map((value) => node('option', { value, textContent: value })),
  );
  input.value = initial;
  input.addEventListener('input', changed);
  return { input, element: input, read: () => input.value };
}

function choices(schema, initial, changed, name) {
  const boxes = listIn(schema).items.enum.map((value) => {
    const box = node('input', { type: 'checkbox', value, checked: initial.includes(value), name });
    box.addEventListener('input', changed);
    return box;
  });
  const element = node(
    'div',
    { className: 'row' },
    ...boxes.map((box) => node('label', {}, box, ` ${box.value}`)),
  );
  return { element, read: () => boxes.filter(({ checked }) => checked).map(({ value }) => value) };
}

function flag(_schema, initial, changed) {
  const input = node('input', { type: 'checkbox', checked: initial });
  input.addEventListener('input', changed);
  return { input, element: input, read: () => input.checked };
}

/** A slider and a field that follow each other; the field also takes what lies beyond the slider. */
function pair(range, initial, changed, title) {
  const slider = node('input', { type: 'range', ...range, value: initial, ariaLabel: title });
  const field = node('input', { type: 'number', step: 'any', value: initial, ariaLabel: `${title}, exact` });
  const follow = (from, to) => () => {
    to.value = from.value;
    changed();
  };
  slider.addEventListener('input', follow(slider, field));
  field.addEventListener('input', follow(field, slider));
  return {
    element: node('div', { className: 'slider' }, slider, field),
    read: () => Number(field.value),
    write(value) {
      slider.value = value;
      field.value = value;
    },
  };
}

function number(schema, initial, changed, name) {
  return pair(rangeOf(schema, initial), initial, changed, name);
}

/** [low, high]; either end pushes the other along. */
function interval(schema, initial, changed, name) {
  const parts = listIn(schema).prefixItems;
  const ends = parts.map((part, i) =>
    pair(
      rangeOf(part, initial),
      initial[i],
      () => {
        const [low, high] = ends.map((end) => end.read());
        if (low > high) ends[1 - i].write(i === 0 ? low : high);
        changed();
      },
      `${name} ${i === 0 ? 'from' : 'to'}`,
    ),
  );
  return {
    element: node('div', {}, ...ends.map(({ element }) => element)),
    read: () => ends.map((end) => end.read()),
  };
}

function numbers(schema, initial, changed, name) {
  const parts = listIn(schema).prefixItems.map((part, i) =>
    pair(rangeOf(part, initial), initial[i], changed, `${name} ${i + 1}`),
  );
  return {
    element: node('div', {}, ...parts.map(({ element }) => element)),
    read: () => parts.map((part) => part.read()),
  };
}

const hex = (value) => Math.round(value).toString(16).padStart(2, '0');

function color(_schema, initial, changed) {
  const input = node('input', { type: 'color', value: `#${initial.map(hex).join('')}` });
  input.addEventListener('input', changed);
  return {
    input,
    element: input,
    read: () => [1, 3, 5].map((at) => Number.parseInt(input.value.slice(at, at + 2), 16)),
  };
}

function json(_schema, initial, changed) {
  const input = node('input', { type: 'text', value: JSON.stringify(initial) ?? '', spellcheck: false });
  input.addEventListener('input', changed);
  return {
    input,
    element: input,
    read() {
      try {
        return JSON.parse(input.value);
      } catch {
        throw new Error(`expected JSON such as ${JSON.stringify(initial)} but received ${input.value}`);
      }
    },
  };
}
