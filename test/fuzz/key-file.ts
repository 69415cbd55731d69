/** Key files of the program: what is read gives the keys that were written, or none. */
import { keysOf, parseContents } from '../../src/node/key-file.ts';
import { changeText } from './changes.ts';
import { oneIn } from './dice.ts';
import { changeJson } from './json.ts';
import { law, type Target } from './target.ts';
import { keyFileContents, TEST_KEYS } from './test-keys.ts';

const CONTENTS = keyFileContents();
const NAMES = [...Object.keys(CONTENTS), ...Object.keys(CONTENTS.keys), '400000/16', '400000/99'];

/** What an authentic key under its name has. */
const KNOWN = new Set(Object.values(TEST_KEYS).map(({ kcv }) => kcv));

export const keyFile: Target = {
  name: 'key-file',
  share: 5,
  seeds: [[JSON.stringify(CONTENTS)], [JSON.stringify({ ...CONTENTS, nextInRange: {} }, null, 2)]],
  change: ([text = ''], dice) => [oneIn(4, dice) ? changeText(text, dice) : changeJson(text, NAMES, dice)],
  run([text = '']) {
    const contents = parseContents('keys.json', text);
    law(
      Object.values(contents.nextInRange).every((next) => Number.isSafeInteger(next) && next >= 0),
      'a counter that is no whole number',
    );
    const again = parseContents('keys.json', JSON.stringify(contents));
    law(
      JSON.stringify(again) === JSON.stringify(contents),
      'a key file is read otherwise when it is written again',
    );
    const keys = keysOf(contents);
    for (const key of Object.values(keys)) law(KNOWN.has(key.kcv), 'a key that nobody wrote');
    law(Object.keys(keys).length === Object.keys(TEST_KEYS).length, 'a key file without one of its keys');
  },
};
