/** The clauses of the standards that an assessor asks about: each with what is done, and by whom. */
import type { Clause } from './clause.ts';
import { ISO_9564 } from './clauses/iso-9564.ts';
import { ISO_7812, OTP } from './clauses/numbers-and-codes.ts';
import { PCI_DSS } from './clauses/pci-dss.ts';
import { PCI_DSS_KEYS } from './clauses/pci-dss-keys.ts';
import { PCI_PIN } from './clauses/pci-pin.ts';
import { PCI_PIN_KEYS } from './clauses/pci-pin-keys.ts';
import { SP_800_38G, SP_800_67 } from './clauses/sp-800.ts';
import { X9_143 } from './clauses/x9-143.ts';

export type { Clause, ClauseKnowledge, ClauseStatus, Standard } from './clause.ts';

export const CLAUSES: readonly Clause[] = [
  ...PCI_PIN,
  ...PCI_PIN_KEYS,
  ...PCI_DSS,
  ...PCI_DSS_KEYS,
  ...ISO_9564,
  ...X9_143,
  ...SP_800_38G,
  ...SP_800_67,
  ...ISO_7812,
  ...OTP,
];
