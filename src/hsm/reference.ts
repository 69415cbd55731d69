/** How a request names keys and cards. Types only. */
import type { PanToken } from '../brand.ts';
import type { TokenProfile } from '../token/profile.ts';

/** The name of a key: 1 to 64 characters, letters, digits and . _ - / */
export type KeyLabel = string;

/** How the tokens of a kind of card are made and opened. */
export interface TokenDomain {
  /** AES, usage D0. */
  readonly key: KeyLabel;
  readonly profile: TokenProfile;
  readonly tenant: string;
}

/** A card, by its token. */
export interface CardReference {
  readonly token: PanToken;
  readonly domain: TokenDomain;
}
