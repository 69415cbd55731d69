/** The record functions of the emulated HSM: codes over what rests outside. */
import { equalText } from '../bytes/equal.ts';
import { lengthPrefixed } from '../bytes/length-prefixed.ts';
import { asciiOf } from '../bytes/text-column.ts';
import { fail, kindOf } from '../error.ts';
import { requireArray } from '../input.ts';
import type { RecordFunctions } from './functions.ts';
import { type Inside, macUnder, readPart, tagText } from './inside.ts';

/** Most records of one call, and characters of one. */
const MOST_RECORDS = 10_000;
const MOST_CHARACTERS = 0xffff;

/**
 * LP("record/1", record): no text of a caller's can be the message of another purpose, whose parts begin with
 * another name or are of another number.
 */
function bytesOf(record: unknown): Uint8Array {
  const bytes = typeof record === 'string' && record.length <= MOST_CHARACTERS ? asciiOf(record) : undefined;
  if (bytes === undefined) fail('ERR_INPUT', 'records', 'texts of ASCII characters', kindOf(record));
  return lengthPrefixed('record/1', bytes);
}

/** The record functions over one HSM. They are not audited: there is one with each read and each write. */
export function recordFunctions(inside: Inside): RecordFunctions {
  return {
    tagRecords: async (request) => {
      const { key, records } = readPart(request, 'request');
      const mac = macUnder(await inside.vault.use(key, 'tagRecord', 'key'), 'tagRecord');
      return requireArray(records, 'records', MOST_RECORDS).map((record) => tagText(mac(bytesOf(record))));
    },
    verifyRecords: async (request) => {
      const { key, records, tags } = readPart(request, 'request');
      const mac = macUnder(await inside.vault.use(key, 'verifyRecordTag', 'key'), 'verifyRecordTag');
      const texts = requireArray(records, 'records', MOST_RECORDS);
      const given: readonly unknown[] = requireArray(tags, 'tags', MOST_RECORDS);
      let wrong = texts.length ^ given.length;
      texts.forEach((text, i) => {
        const tag = given[i];
        wrong |= Number(typeof tag !== 'string' || !equalText(tagText(mac(bytesOf(text))), tag));
      });
      return wrong === 0;
    },
  };
}
