/** Before each file of tests: what is generated follows from `CARDWRIGHT_SEED`, where it is set. */
import fc from 'fast-check';

const given = process.env['CARDWRIGHT_SEED'];
if (given !== undefined) {
  const seed = Number(given);
  if (!/^[0-9]{1,10}$/.test(given) || seed > 0x7fffffff)
    throw new Error('CARDWRIGHT_SEED: a whole number below 2^31');
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
