/**
 * What stands between a token or an index and its PAN: capabilities, keys, and what is no hash.
 *
 * PCI DSS 4.0.1, 3.4.1 (digits that may be shown), 3.5.1 (truncation and hashes of one PAN) and 3.5.1.1 (hashes
 * are keyed, over the whole PAN).
 */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { macUnder } from '../../src/hsm/inside.ts';
import * as cw from '../../src/index.ts';
import { isPan, luhnCheckDigit, type Pan } from '../../src/index.ts';
import type { Key } from '../../src/keys/key.ts';
import { openFewKeys, tokenCard } from '../support/few-keys.ts';
import { AMEX_PAN, cardOf, openBench, panOf, refusalOf } from '../support/hsm.ts';
import { lp } from '../support/oracle/lp.ts';
import { keyOf, TOKENS } from '../support/world.ts';

const SRC = fileURLToPath(new URL('../../src/', import.meta.url));

/** Of 14 digits a token shows ten: with the check digit a thousand PANs are left. */
const pan = `4000004837123${luhnCheckDigit('4000004837123')}` as Pan;

/** The PANs that begin and end as one does. */
function possible(shown: string): readonly Pan[] {
  const all = Array.from({ length: 10_000 }, (_, n) => String(n).padStart(4, '0'));
  return all.map((middle) => shown.slice(0, 6) + middle + shown.slice(-4)).filter(isPan);
}

describe('TK-08 tokens and PANs side by side', () => {
  it('are had with a capability for each way, and with no other', async () => {
    const { hsm, permit } = await openBench();
    const card = cardOf(panOf(1));
    const ways = {
      'find-token': (given: cw.Capability) => hsm.tokenOf({ domain: TOKENS, pan: panOf(1), permit: given }),
      'reveal-pan': (given: cw.Capability) => hsm.revealPan({ card, permit: given }),
    } as const;
    for (const [needed, ask] of Object.entries(ways))
      for (const scope of cw.CAPABILITY_SCOPES)
        expect([needed, scope, await refusalOf(() => ask(permit(scope)))]).toEqual([
          needed,
          scope,
          scope === needed ? 'none' : 'ERR_POLICY',
        ]);
    const sealed = { card, under: 'atm.kek', context: 'pan', permit: permit('find-token') };
    expect(await refusalOf(() => hsm.sealPan(sealed))).toBe('ERR_POLICY');
  });

  it('are told to the audit one by one, with who asked: whoever asks for many is seen, and may be stopped', async () => {
    const { hsm, permit, events } = await openBench();
    const asker = permit('find-token', 'clerk-7');
    for (let n = 0; n < 50; n++) await hsm.tokenOf({ domain: TOKENS, pan: panOf(n), permit: asker });
    for (let n = 0; n < 50; n++)
      await hsm.revealPan({ card: cardOf(panOf(n)), permit: permit('reveal-pan', 'clerk-8') });
    expect(
      await refusalOf(() => hsm.tokenOf({ domain: TOKENS, pan: panOf(1), permit: permit('emboss') })),
    ).toBe('ERR_POLICY');
    const count = (operation: string, holder: string): number =>
      events.filter((event) => event.operation === operation && event.holder === holder).length;
    expect([count('tokenOf', 'clerk-7'), count('revealPan', 'clerk-8'), events.length]).toEqual([
      50, 50, 101,
    ]);
    asker.revoke();
    expect(await refusalOf(() => hsm.tokenOf({ domain: TOKENS, pan: panOf(1), permit: asker }))).toBe(
      'ERR_POLICY',
    );
  });
});

/** Where hashes without a key come from: module and names. */
const HASHES: readonly (readonly [RegExp, RegExp])[] = [
  [/^(node:)?crypto$/, /^(createHash|hash|subtle|webcrypto|default|\*)$/],
  [/^@noble\/hashes\//, /./],
  [/\/hmac\.ts$/, /^(sha256|\*)$/],
];

/** Files that have one, and what they hash. */
const MAY_HASH: { readonly [file: string]: string } = {
  'mode/hmac.ts': 'what HMAC and HKDF hash; alone for published vectors only',
  'conformance/kcv-components.ts': 'keys of published vectors',
  'cli/vectors.ts': 'files of published vectors',
  'node/audit-file.ts': 'lines of the audit, which have no PAN',
  'node/export-file.ts': 'whole files, whose cards are tokens',
};

/** The names that an import brings in, as the module calls them. */
function importedNames({ importClause }: ts.ImportDeclaration): readonly string[] {
  const bindings = importClause?.namedBindings;
  const named = bindings === undefined ? [] : ts.isNamedImports(bindings) ? bindings.elements : undefined;
  return [
    ...(importClause?.name === undefined ? [] : ['default']),
    ...(named?.map(({ name, propertyName }) => (propertyName ?? name).text) ?? ['*']),
  ];
}

/** Whether a source can hash without a key. */
function hashes(text: string): boolean {
  const isHash = (module: string, name: string): boolean =>
    HASHES.some(([modules, names]) => modules.test(module) && names.test(name));
  const visit = (node: ts.Node): boolean =>
    (ts.isImportDeclaration(node) &&
      importedNames(node).some((name) => isHash((node.moduleSpecifier as ts.StringLiteral).text, name))) ||
    (ts.isPropertyAccessExpression(node) && node.name.text === 'subtle') ||
    ts.forEachChild(node, visit) === true;
  return visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest));
}

describe('TK-13 no hash of a PAN without a key', () => {
  it('is in any source: the files that could make one are known, and hash other things', () => {
    const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    expect(sources.length).toBeGreaterThan(150);
    const hashing = sources.filter((name) => {
      const text = readFileSync(SRC + name, 'utf8');
      // Most have none of the words.
      return /crypto|hash|hmac|subtle/.test(text) && hashes(text);
    });
    expect(hashing.sort()).toEqual(Object.keys(MAY_HASH).sort());
  });

  it('would be found by this check', () => {
    for (const planted of [
      "import { sha256 } from '../mode/hmac.ts';",
      "import { sha256 as index } from './hmac.ts';",
      "import * as mode from '../mode/hmac.ts';",
      "import { createHash } from 'node:crypto';",
      "import crypto from 'crypto';",
      "import { sha1 as h } from '@noble/hashes/legacy.js';",
      "export const index = (pan: Uint8Array) => crypto.subtle.digest('SHA-256', pan);",
    ])
      expect([planted, hashes(planted)]).toEqual([planted, true]);
    for (const keyed of [
      "import { hmac } from '../mode/hmac.ts';",
      "import { createHmac } from 'node:crypto';",
    ])
      expect([keyed, hashes(keyed)]).toEqual([keyed, false]);
  });

  it('is offered: no name of the public face hashes', () => {
    expect(Object.keys(cw).filter((name) => /sha\d|hash|digest/i.test(name))).toEqual([]);
  });

  it('is what an index is: hashes of all PANs that fit, under no key or a known one, find none', async () => {
    const { hsm } = await openFewKeys('tokens', 'index.1');
    const [index] = await hsm.indexCards({ cards: [tokenCard(pan)], key: 'index.1' });
    const makers: readonly (() => Hash | Hmac)[] = [
      ...['sha1', 'sha256', 'sha512'].map((name) => () => createHash(name)),
      () => createHmac('sha256', ''),
      () => createHmac('sha256', 'pan-index/1'),
    ];
    const encodings = [
      (tried: Pan) => lp('pan-index/1', tried),
      (tried: Pan) => Buffer.from(tried).toString('hex'),
    ];
    const fitting = possible(pan).filter((tried) =>
      makers.some((make) =>
        encodings.some((encode) => make().update(encode(tried), 'hex').digest('hex').toUpperCase() === index),
      ),
    );
    expect(fitting).toEqual([]);
    expect(possible(pan)).toHaveLength(1000);
  });
});

describe('TK-14 a truncated PAN beside its index', () => {
  it('is the PAN for whoever has the index key, and for him alone: the two belong to different people', async () => {
    const { hsm } = await openFewKeys('tokens', 'index.1', 'index.2');
    const card = tokenCard(pan);
    const shown = card.token.slice(5, 11) + '-'.repeat(4) + card.token.slice(-4);
    const [index] = await hsm.indexCards({ cards: [card], key: 'index.1' });
    const under = (label: string): readonly Pan[] => {
      const mac = macUnder(keyOf<Key<'M7'>>(label), 'indexPan');
      return possible(shown).filter(
        (tried) =>
          Buffer.from(mac(Buffer.from(lp('pan-index/1', tried), 'hex')))
            .toString('hex')
            .toUpperCase() === index,
      );
    };
    expect(under('index.1')).toEqual([pan]);
    expect(under('index.2')).toEqual([]);
  });

  it('is made under another key than the token, and neither key does the work of the other', async () => {
    const { hsm, permit } = await openBench();
    const card = cardOf(AMEX_PAN);
    expect(await refusalOf(() => hsm.indexCards({ cards: [card], key: 'tokens' }))).toBe('ERR_KEY_USAGE');
    const wrong = { token: card.token, domain: { ...TOKENS, key: 'index.1' } };
    expect(await refusalOf(() => hsm.revealPan({ card: wrong, permit: permit('reveal-pan') }))).toBe(
      'ERR_KEY_USAGE',
    );
  });
});
