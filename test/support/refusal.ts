/** What a refusal says, in one line: code, argument, message; "taken" where there is none. */
import { PaymentCryptoError } from '../../src/error.ts';

export function refusalText(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (!(error instanceof PaymentCryptoError)) throw error;
    return `${error.code} ${error.field}: ${error.message}`;
  }
  return 'taken';
}
