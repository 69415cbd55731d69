/** Guards around card verification values. */
import {
  type CardCodeState,
  createCardCodeState,
  createMemoryRecords,
  digitColumn,
  type Expiry,
  generateCsc,
  generateCvv,
  generateCvv2,
  generateCvvColumns,
  generatePvv,
  type Key,
  luhnCheckDigit,
  parseExpiry,
  parsePan,
  parsePin,
  parsePvki,
  parseUnixSeconds,
  type ServiceCode,
  verifyCardCode,
  verifyCvv,
  verifyCvv2,
} from '../../src/index.ts';
import type { Guard } from './guard.ts';
import { BUDGET, guess, PIN, tdesKey, VICTIM } from './thief.ts';

const cvk = tdesKey('cvk', 'C0', 'C');
const panel = { pan: VICTIM, expiry: parseExpiry('2811') };
const stripe = (serviceCode: string) => ({ ...panel, serviceCode: serviceCode as ServiceCode });

/** The same value on the stripe and on the panel, of a function that is for stripes. */
function panelValueInColumns(): boolean {
  const values = new Uint16Array(2);
  const cards = {
    pan: digitColumn([VICTIM, VICTIM]),
    expiry: digitColumn([panel.expiry, panel.expiry]),
    serviceCode: digitColumn(['201', '000']),
  };
  generateCvvColumns(cvk, cards, values);
  return verifyCvv2(cvk, panel, String(values[1]).padStart(3, '0'));
}

/**
 * The PIN of the victim from a function that computes card security codes under the key of his PVV: what it enciphers,
 * an expiry and twelve digits of a PAN, can be the PAN digits, index and PIN that a PVV is made of. The expiry comes
 * of this PAN as December.
 */
function pinFromSecurityCodes(): boolean {
  const pvk = tdesKey('pvk', 'V2', 'C');
  const { pvv } = generatePvv(pvk, parsePin(PIN), VICTIM, parsePvki('1'));
  const digits = VICTIM.slice(4, 15);
  const expiry = digits.slice(0, 4) as Expiry;
  const found = guess(4, (pin) => {
    const payload = `37${digits.slice(4)}1${pin}`;
    const pan = parsePan(payload + luhnCheckDigit(payload));
    return generateCsc(pvk as Key as Key<'C0'>, { pan, expiry }, { digits: 5 }).startsWith(pvv);
  });
  return found === PIN;
}

/** A value of every thousand, one after the other, on a card that takes five wrong ones. */
async function triedAll(): Promise<boolean> {
  const records = createMemoryRecords<CardCodeState>();
  records.put('card', createCardCodeState(5));
  for (let n = 0; n < 1000; n++) {
    const candidate = String(n).padStart(3, '0');
    const check = { at: parseUnixSeconds(0), static: () => verifyCvv2(cvk, panel, candidate) };
    if ((await verifyCardCode(records, 'card', candidate, check)).outcome === 'verified') return true;
  }
  return false;
}

export const GUARDS: readonly Guard[] = [
  {
    ids: ['CV-01'],
    guard: 'a key that is for verifying makes no value',
    cuts: [
      {
        file: 'keys/policy.ts',
        passage: "const GENERATE = ['C', 'G', 'N'] as const;",
        instead: "const GENERATE = ['C', 'G', 'N', 'V'] as const;",
      },
    ],
    // A processor that verifies for the issuer makes a stripe of its own.
    attack: () => verifyCvv(cvk, stripe('201'), generateCvv(tdesKey('cvk', 'C0', 'V'), stripe('201'))),
  },
  {
    ids: ['CV-01', 'CV-02'],
    guard: 'what is enciphered is digits, each of which is itself and nothing of its neighbour',
    cuts: [{ file: 'cvv/cvv.ts', passage: 'return bad >= 0;', instead: 'return true;' }],
    // The code of @ is 16 more than that of 0: its nibble is 0, and the bit beyond is set in the 1 before it already.
    attack: () => verifyCvv2(cvk, panel, generateCvv(cvk, stripe('@00'))),
  },
  {
    ids: ['CV-02'],
    guard: 'a stripe has no service code of a panel or chip',
    cuts: [
      {
        file: 'cvv/cvv.ts',
        passage: 'if (serviceCode === CVV2_SERVICE_CODE || serviceCode === ICVV_SERVICE_CODE)\n    fail(',
        instead: 'if (false)\n    fail(',
      },
    ],
    attack: () => verifyCvv2(cvk, panel, generateCvv(cvk, stripe('000'))),
  },
  {
    ids: ['CV-02'],
    guard: 'no row of a column has a service code of a panel or chip',
    cuts: [
      {
        file: 'cvv/card-columns.ts',
        passage: "if (typeof serviceCode !== 'string') requireEach(serviceCode, cards.rows, requireStripe);",
        instead: '',
      },
    ],
    attack: panelValueInColumns,
  },
  {
    ids: ['CV-03'],
    guard: 'an expiry has a month where the month belongs',
    cuts: [
      { file: 'pan/card-data.ts', passage: 'return month >= 1 && month <= 12;', instead: 'return true;' },
    ],
    // Of two products with one key the one that has the month first is asked for through the one that has the year first.
    attack() {
      const value = generateCvv2(cvk, { pan: VICTIM, expiry: '1128' as Expiry });
      return verifyCvv2(cvk, panel, value, { expiryOrder: 'MMYY' });
    },
  },
  {
    ids: ['CV-04'],
    guard: 'a key of PINs makes no value of cards',
    cuts: [
      {
        file: 'keys/policy.ts',
        passage: 'rows = rows.filter((row) => row.usage === key.usage);',
        instead: '',
      },
    ],
    attack: pinFromSecurityCodes,
  },
  {
    ids: ['CV-05'],
    guard: 'a code that is looked at takes a try, of which there are few',
    cuts: BUDGET,
    attack: triedAll,
  },
];
