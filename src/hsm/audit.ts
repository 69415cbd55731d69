/**
 * What is told of each operation of an HSM, or of an issuer: never a key, a PIN, a code or a full PAN.
 */
import type { UnixSeconds } from '../brand.ts';
import { type ErrorCode, fail, kindOf, PaymentCryptoError } from '../error.ts';
import { holderOf } from '../keys/capability.ts';
import type { Clock } from '../port.ts';

/** One operation and what became of it. */
export interface AuditEvent {
  /** `undefined` where the clock failed. */
  readonly at: UnixSeconds | undefined;
  readonly operation: string;
  /** Labels of the keys. */
  readonly keys: readonly string[];
  /** The card, by its token with all but the first 6 and last 4 characters hidden; or how many there were. */
  readonly subject?: string;
  /** Holder of the capability that was handed in, as its authority named it. */
  readonly holder?: string;
  /** Key association of the client that asked, and the channel that it said: of an issuer. */
  readonly client?: string;
  readonly channel?: string;
  readonly outcome: 'done' | 'verified' | 'rejected' | 'refused';
  /** Why it was refused. */
  readonly code?: ErrorCode;
}

/** Takes an event, durably. Where it throws, the answer of the operation is withheld. */
export type AuditHook = (event: AuditEvent) => void | Promise<void>;

/** What an operation says of itself beforehand. */
export type Audited = Pick<AuditEvent, 'operation' | 'keys' | 'subject' | 'holder' | 'client' | 'channel'>;

/** Refuses what is not a hook. */
export function requireHook(hook: unknown): AuditHook {
  if (typeof hook !== 'function') fail('ERR_INPUT', 'audit', 'a function', kindOf(hook));
  return hook as AuditHook;
}

/** A token as the audit shows it. */
export function maskToken(token: string): string {
  const digits = token.replace(/^0+/, '');
  return digits.length < 12 ? '*'.repeat(digits.length) : `${digits.slice(0, 6)}*${digits.slice(-4)}`;
}

/** The holder of a capability, as an event names it; nothing for a look-alike. */
export function holderIn(permit: unknown): Pick<AuditEvent, 'holder'> {
  const holder = holderOf(permit);
  return holder === undefined ? {} : { holder };
}

/** Runs operations and tells of each. */
export interface Auditor {
  /** Runs what comes before an operation: a refusal is told, a success is told by what follows it. */
  prepare<T>(about: Audited, act: () => T | Promise<T>): Promise<T>;
  run<T>(
    about: Audited,
    act: () => T | Promise<T>,
    outcomeOf?: (result: T) => AuditEvent['outcome'],
    /** What only the result tells: the card that was made. */
    more?: (result: T) => Pick<AuditEvent, 'subject'>,
  ): Promise<T>;
}

/** An auditor over a hook. The event follows the operation; an answer does not leave before its event is taken. */
export function auditor(hook: AuditHook, clock: Clock): Auditor {
  const now = (): UnixSeconds | undefined => {
    try {
      const at = clock.now();
      return Number.isSafeInteger(at) ? at : undefined;
    } catch {
      return undefined;
    }
  };
  const tell = async (event: AuditEvent): Promise<void> => {
    try {
      await hook(Object.freeze(event));
    } catch (cause) {
      throw new PaymentCryptoError('ERR_AUDIT', 'audit', '"audit" expected the event to be taken', cause);
    }
  };
  const prepare = async <T>(about: Audited, act: () => T | Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      const code = error instanceof PaymentCryptoError ? error.code : 'ERR_INTERNAL';
      await tell({ at: now(), ...about, outcome: 'refused', code });
      throw error;
    }
  };
  return Object.freeze({
    prepare,
    async run<T>(
      about: Audited,
      act: () => T | Promise<T>,
      outcomeOf: (result: T) => AuditEvent['outcome'] = () => 'done',
      more: (result: T) => Pick<AuditEvent, 'subject'> = () => ({}),
    ): Promise<T> {
      const result = await prepare(about, act);
      await tell({ at: now(), ...about, ...more(result), outcome: outcomeOf(result) });
      return result;
    },
  });
}
