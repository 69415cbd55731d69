/** `cardwright/store/contract`: what every store must do, for the tests of your own adapter. */
export { type ContractCase, type StoreUnderTest, storeContract } from './contract.ts';
export type { Change, CommitAnswer, Durability, Query, Store, StoreRecord } from './port.ts';
