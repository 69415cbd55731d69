/**
 * What an issuer keeps has no room for a secret: no field of its records, at any depth, could hold a card
 * verification value, a clear PIN, a full PAN, bytes, or a plain string, in which any of these could lie. The
 * compiler is the runner (`npm run check`); nothing here is ever executed.
 */
import type { Csc, Cvv, Expiry, Pan, PanToken, Tag } from '../../src/brand.ts';
import type { BatchRecord } from '../../src/issuer/batch-record.ts';
import type { CardRecord } from '../../src/issuer/card-record.ts';
import type { CardView } from '../../src/issuer/card-view.ts';
import type { ClearPin } from '../../src/pin/clear-pin.ts';

/** What must not be kept, one at a time: a union would be held only where all of it is. */
interface Secrets {
  readonly cvv: Cvv;
  readonly csc: Csc;
  readonly pin: ClearPin;
  readonly pan: Pan;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Whether a field of type `T` could hold some secret. `any` and `unknown` hold every one. */
type HoldsSecret<T> = { [S in keyof Secrets]: Secrets[S] extends T ? true : never }[keyof Secrets];

/** A checked text or number, which is a leaf although it has methods. */
type Leaf = string | number | boolean | bigint | symbol | null | undefined;

/** The paths of all fields that could hold a secret; `never` where there is none. */
type Leaks<T, Path extends string = 'record'> =
  true extends HoldsSecret<T>
    ? Path
    : T extends Leaf
      ? never
      : T extends readonly (infer Item)[]
        ? Leaks<Item, `${Path}[]`>
        : { [Name in keyof T & string]-?: Leaks<T[Name], `${Path}.${Name}`> }[keyof T & string];

/** Fails to compile with the paths in the message. */
type None<Found extends never> = Found;

export type CardsAreClean = None<Leaks<CardRecord>>;
export type BatchesAreClean = None<Leaks<BatchRecord>>;

// The walk bites, wherever the field is and however it is dressed.

// @ts-expect-error  a plain string
export type Text = None<Leaks<CardRecord & { readonly note: string }>>;
// @ts-expect-error  one of several
export type Some = None<Leaks<{ readonly note: Expiry | string | null }>>;
// @ts-expect-error
export type Code = None<Leaks<{ readonly code?: Cvv }>>;
// @ts-expect-error
export type AmexCode = None<Leaks<{ readonly codes: readonly { readonly csc5: Csc }[] }>>;
// @ts-expect-error
export type Pin = None<Leaks<{ readonly next: { readonly pin: ClearPin | null } | null }>>;
// @ts-expect-error
export type Number = None<Leaks<{ readonly replaces: Pan | PanToken }>>;
// @ts-expect-error
export type Bytes = None<Leaks<{ readonly seal: Uint8Array }>>;
// @ts-expect-error  whatever it may be
export type Anything = None<Leaks<{ readonly more: unknown }>>;
// @ts-expect-error
export type NoMatterWhat = None<Leaks<{ readonly deep: { readonly er: object } }>>;
// @ts-expect-error  under any name
export type Open = None<Leaks<{ readonly [name: string]: string }>>;
/** Of two kinds. */
type Kinds = { readonly kind: 'a'; readonly tag: Tag } | { readonly kind: 'b'; readonly pan: Pan };
// @ts-expect-error
export type OneKind = None<Leaks<Kinds>>;
// @ts-expect-error  a view is no record: its masked number is a plain string
export type View = None<Leaks<CardView>>;

// And it says where.
const where: Leaks<{ readonly a: { readonly b: readonly Pan[] }; readonly c: Expiry; readonly d: string }> =
  Math.random() < 2 ? 'record.a.b[]' : 'record.d';
void where;
