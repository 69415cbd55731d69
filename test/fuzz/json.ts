/** Changes of JSON that leave it JSON, and of its text. */
import { changeText, spliced } from './changes.ts';
import { type Dice, oneIn, pick } from './dice.ts';

type Json = unknown;

/** Values of every type, among them those that are not what they look like. */
const ODD_VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e21,
  5e-324,
  '',
  '0',
  'a',
  ' ',
  [],
  {},
  [[]],
  [null],
  { length: 3 },
  { toString: null },

  ['0', 1, null],
  'x'.repeat(5000),
  '0'.repeat(1000),
  'F'.repeat(64),
  '\ud800',
  '\0',
  '💳',
  '__proto__',
];

/** Names that objects have from elsewhere. */
const ODD_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  '0',
  'polluted',
] as const;

/** What a text that pollutes would be made of. */
const POLLUTERS: readonly Json[] = [
  JSON.parse('{"polluted":true}'),
  JSON.parse('{"__proto__":{"polluted":true}}'),
  JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
];

/** Depths at which what calls itself for each level gives up. */
const DEPTHS = [10, 100, 1000, 10_000] as const;

/** Texts that are longer are not taken apart again: their depth would be the end of us, too. */
const MOST_CHARACTERS = 20_000;

const isContainer = (value: Json): value is object => typeof value === 'object' && value !== null;

/** Sets a property of its own, `__proto__` too. */
function put(object: object, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** An object or list somewhere in a value, itself among them. */
function somewhere(root: object, dice: Dice): object {
  let found = root;
  for (;;) {
    const below = Object.values(found).filter(isContainer);
    if (below.length === 0 || oneIn(3, dice)) return found;
    found = pick(below, dice);
  }
}

const oddValue = (root: Json, dice: Dice): Json => {
  if (oneIn(5, dice)) return pick(POLLUTERS, dice);
  if (oneIn(8, dice) && isContainer(root)) return structuredClone(somewhere(root, dice));
  return pick(ODD_VALUES, dice);
};

/** Changes one member of an object or list. */
function changeMember(root: object, names: readonly string[], dice: Dice): void {
  const container = somewhere(root, dice);
  const own = Object.keys(container);
  const name = own.length === 0 ? '0' : pick(own, dice);
  const value = (container as { readonly [name: string]: Json })[name];
  switch (dice.below(8)) {
    case 0:
      Reflect.deleteProperty(container, name);
      break;
    case 1:
      put(container, pick(ODD_NAMES, dice), oddValue(root, dice));
      break;
    case 2:
      if (names.length > 0) put(container, pick(names, dice), oneIn(2, dice) ? value : oddValue(root, dice));
      break;
    case 3:
    case 4:
      put(container, name, typeof value === 'string' ? changeText(value, dice) : oddValue(root, dice));
      break;
    case 5:
      if (typeof value === 'number') put(container, name, value + pick([1, -1, 0.5, 2 ** 31, 2 ** 53], dice));
      else if (own.length > 1)
        put(container, name, (container as { readonly [name: string]: Json })[pick(own, dice)]);
      break;
    default:
      put(container, name, oddValue(root, dice));
  }
}

/** Text of JSON in which something is nested deeply; `null` in its midst. */
function nested(text: string, dice: Dice): string {
  const depth = pick(DEPTHS, dice);
  const [open, close] = pick(
    [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const,
    dice,
  );
  const colons = [...text.matchAll(/:/g)];
  const at = colons.length === 0 ? 0 : pick(colons, dice).index + 1;
  const end = text.slice(at).search(/[,}\]]/);
  return spliced(text, at, Math.max(0, end), `${open.repeat(depth)}null${close.repeat(depth)}`);
}

/** Changes JSON text: mostly by its structure, with names that mean something to the parser. */
export function changeJson(text: string, names: readonly string[], dice: Dice): string {
  if (oneIn(6, dice) || text.length > MOST_CHARACTERS) return changeText(text, dice);
  if (oneIn(25, dice)) return nested(text, dice);
  try {
    const root: Json = JSON.parse(text);
    if (!isContainer(root)) return JSON.stringify(oddValue(root, dice));
    if (oneIn(40, dice)) return JSON.stringify(oddValue(root, dice));
    changeMember(root, names, dice);
    return JSON.stringify(root);
  } catch {
    // No JSON any more, or too deep to be written again.
    return changeText(text, dice);
  }
}
