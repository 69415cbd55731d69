/** The project's own constructions: PAN sequences, tokens, dynamic CVV2s, code blocks; public functions. */
import { equalText } from '../bytes/equal.ts';
import { cvvTimeCode } from '../dcvv2/cvv-time.ts';
import { generateDynamicCvv2 } from '../dcvv2/dcvv2.ts';
import { hotp } from '../dcvv2/hotp.ts';
import { verifyIssuedCode } from '../dcvv2/issued.ts';
import { defineDynamicCvv2 } from '../dcvv2/scheme.ts';
import { parseUnixSeconds, stepAt } from '../dcvv2/step.ts';
import { tdes } from '../des/tdes.ts';
import { type CodeBlockLayout, openCode } from '../envelope/code-block.ts';
import { openEnvelope } from '../envelope/envelope.ts';
import { importClearKey } from '../keys/clear.ts';
import { parseExpiry, parsePsn } from '../pan/card-data.ts';
import { type PanLength, parsePan } from '../pan/pan.ts';
import { definePanRange } from '../pan/range.ts';
import { panFromSequence } from '../pan/sequence.ts';
import { defineTokenProfile, type TokenCheckDigit, type TokenProfile } from '../token/profile.ts';
import { detokenizePan, tokenizePan } from '../token/tokenize.ts';
import { hashOf } from './otp.ts';
import type { VectorCase } from './vector-file.ts';
import { Mismatch, type Operations, same, sameBytes } from './verdict.ts';

function tokenBothWays(vector: VectorCase, profile: TokenProfile): 'passed' {
  const key = importClearKey(
    { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' },
    vector.bytes('key'),
  );
  const pan = parsePan(vector.text('pan'));
  same('token', tokenizePan(key, pan, profile, vector.text('tenant')), vector.text('token'));
  same('pan', detokenizePan(key, vector.text('token'), profile, vector.text('tenant')), pan);
  return 'passed';
}

/** What the two time profiles have in common. */
function timing(vector: VectorCase): {
  readonly digits: 3 | 4;
  readonly t0: number;
  readonly periodSeconds: number;
} {
  return {
    digits: vector.whole('digits', 1, 9) as 3 | 4,
    t0: vector.whole('t0', 0, Number.MAX_SAFE_INTEGER),
    periodSeconds: vector.whole('period', 1, Number.MAX_SAFE_INTEGER),
  };
}

function cardOf(vector: VectorCase) {
  return {
    pan: parsePan(vector.text('pan')),
    psn: parsePsn(vector.text('psn')),
    expiry: parseExpiry(vector.text('expiry')),
  };
}

export const own: Operations = {
  'pan.sequence': (vector) => {
    const key = importClearKey(
      { usage: 'D0', algorithm: 'A', mode: 'B', exportability: 'N' },
      vector.bytes('key'),
    );
    const range = definePanRange({ iin: vector.text('iin'), length: vector.number('length') as PanLength });
    const pan = panFromSequence(key, range, vector.number('n'));
    if (pan === undefined || !equalText(pan, vector.text('pan')))
      throw new Mismatch('"pan" differs from the published value');
    return 'passed';
  },
  'token.alphanumeric': (vector) => tokenBothWays(vector, defineTokenProfile({ kind: 'alphanumeric' })),
  'token.numeric': (vector) => {
    const luhn = vector.text('luhn') as TokenCheckDigit;
    const panLengths = [vector.text('pan').length as PanLength];
    const kept = {
      keepFirst: vector.number('keepFirst') as 0 | 6 | 8,
      keepLast: vector.number('keepLast') as 0 | 4,
    };
    return tokenBothWays(
      vector,
      luhn === 'invalid'
        ? defineTokenProfile({
            kind: 'numeric',
            panLengths,
            ...kept,
            luhn,
            checkDigitOffset: vector.number('k'),
          })
        : defineTokenProfile({ kind: 'numeric', panLengths, ...kept, luhn, panLike: true }),
    );
  },
  'dcvv2.totp': (vector) => {
    const hash = hashOf(vector.text('hash'));
    const at = parseUnixSeconds(vector.number('time'));
    const when = timing(vector);
    if (vector.has('cardKey')) {
      same(
        'code',
        hotp(hash, vector.bytes('cardKey'), stepAt(when, at), when.digits).code,
        vector.text('code'),
      );
      return 'passed';
    }
    const masterKey = importClearKey(
      { usage: 'M7', algorithm: 'H', mode: 'X', exportability: 'N' },
      vector.bytes('masterKey'),
    );
    const scheme = defineDynamicCvv2({ profile: 'totp', hash, masterKey, ...when });
    same('code', generateDynamicCvv2(scheme, cardOf(vector), at), vector.text('code'));
    return 'passed';
  },
  'dcvv2.cvv-time': (vector) => {
    const at = parseUnixSeconds(vector.number('time'));
    const when = timing(vector);
    if (vector.has('step')) same('step', stepAt(when, at), vector.number('step'));
    if (vector.has('cvk')) {
      same(
        'code',
        cvvTimeCode(tdes(vector.bytes('cvk')), vector.text('pan'), stepAt(when, at), when.digits),
        vector.text('code'),
      );
      return 'passed';
    }
    const masterCvk = importClearKey(
      { usage: 'C0', algorithm: 'T', mode: 'X', exportability: 'N' },
      vector.bytes('masterCvk'),
    );
    const scheme = defineDynamicCvv2({ profile: 'cvv-time', masterCvk, ...when });
    same('code', generateDynamicCvv2(scheme, cardOf(vector), at), vector.text('code'));
    return 'passed';
  },
  'envelope.open': (vector) => {
    const algorithm = vector.text('kekAlgorithm') as 'T' | 'A';
    const kek = importClearKey(
      { usage: 'K1', algorithm, mode: 'B', exportability: 'N' },
      vector.bytes('kek'),
    );
    const plaintext = openEnvelope(kek, vector.bytes('envelope'), vector.bytes('context'));
    sameBytes('plaintext', plaintext, vector.bytes('plaintext'));
    return 'passed';
  },
  'dcvv2.issued': (vector) => {
    const key = importClearKey(
      { usage: 'M7', algorithm: 'H', mode: 'V', exportability: 'N' },
      vector.bytes('key'),
    );
    const generation = vector.number('generation');
    const subject = { tenant: vector.text('tenant'), card: vector.text('card'), generation };
    const at = parseUnixSeconds(0);
    const issued = {
      tag: vector.text('tag'),
      nonce: vector.text('nonce'),
      generation,
      expires: parseUnixSeconds(1),
    };
    same('code', verifyIssuedCode(key, subject, issued, { candidate: vector.text('code'), at }), true);
    return 'passed';
  },
  'codeblock.open': (vector) => {
    const key = importClearKey(
      { usage: 'D0', algorithm: 'T', mode: 'B', exportability: 'N' },
      vector.bytes('key'),
    );
    const digits = vector.text('digits');
    const opened = openCode(key, vector.bytes('block'), vector.text('layout') as CodeBlockLayout, {
      digits: digits.length,
    });
    same('digits', opened, digits);
    return 'passed';
  },
};
