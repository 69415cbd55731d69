/** An ordinary call of each operation of an issuer. */
import type { CustomerId } from '../../src/brand.ts';
import type { Issuer } from '../../src/issuer/operations.ts';
import type { World } from '../support/world.ts';
import {
  activeCard,
  blockedCard,
  cardWithPin,
  newCard,
  OTHER_PIN,
  PIN,
  requestId,
  runBatch,
  useUpTries,
} from './scenarios/hand.ts';

/** The operations of an issuer. */
export type Name = Exclude<keyof Issuer, 'accounts'>;

/** Makes everything ready for an operation; what it gives carries it out. */
export type Prepare = (world: World) => Promise<() => Promise<unknown>>;

const card =
  (make: (world: World) => Promise<never>, call: (world: World, token: never) => Promise<unknown>): Prepare =>
  async (world) => {
    const token = await make(world);
    return () => call(world, token);
  };
const active = activeCard as (world: World) => Promise<never>;
const sealed = ((world: World) => cardWithPin(world, 'sealed')) as (world: World) => Promise<never>;

/** An ordinary call of each operation, once everything is ready for it. */
export const CALLS: { readonly [N in Name]: Prepare } = {
  addCard: async (world) => {
    const { account } = await world.account();
    return () => world.issuer.addCard({ requestId: requestId(), product: 'classic', account });
  },
  issueInstantCard: async (world) => {
    const customer = 'walk-in' as CustomerId;
    await world.issuer.accounts.addCustomer(customer);
    const request = { requestId: requestId(), product: 'classic', customer, account: 'new' };
    return () => world.issuer.issueInstantCard(request);
  },
  issueBatch: async (world) => () =>
    runBatch(world.issuer.issueBatch({ batchId: 'b', product: 'classic', quantity: 1 })),
  batchReport: async (world) => {
    await runBatch(world.issuer.issueBatch({ batchId: 'b', product: 'classic', quantity: 1 }));
    return () => world.issuer.batchReport({ batchId: 'b' });
  },
  activateCard: card(newCard as never, (world, token) => world.issuer.activateCard({ token })),
  acknowledgeReceipt: card(newCard as never, (world, token) =>
    world.issuer.acknowledgeReceipt({ token, proof: { panDigits: '1' } }),
  ),
  cardStatus: card(active, (world, token) => world.issuer.cardStatus({ token })),
  panForToken: async (world) => {
    const token = await activeCard(world);
    const permit = world.permit('reveal-pan');
    return () => world.issuer.panForToken({ token, client: 'ATM', permit });
  },
  tokenForPan: async (world) => {
    const pan = await world.panOf(await activeCard(world));
    const permit = world.permit('find-token');
    return () => world.issuer.tokenForPan({ pan, permit });
  },
  reissueCard: card(active, (world, token) =>
    world.issuer.reissueCard({ token, requestId: requestId(), reason: 'lost', pin: 'new' }),
  ),
  transferCard: async (world) => {
    const token = await activeCard(world);
    const { account } = await world.account();
    return () => world.issuer.transferCard({ token, account });
  },
  blockCard: card(active, (world, token) => world.issuer.blockCard({ token })),
  unblockCard: card(blockedCard as never, (world, token) => world.issuer.unblockCard({ token })),
  cancelCard: card(active, (world, token) => world.issuer.cancelCard({ token })),
  cardLimit: card(active, (world, token) => world.issuer.cardLimit({ token })),
  setCardLimit: card(active, (world, token) => world.issuer.setCardLimit({ token, limit: 1 })),
  securityCodes: card(active, (world, token) =>
    world.issuer.securityCodes({ token, channel: 'A', client: 'ATM' }),
  ),
  dynamicCvv2: card(active, (world, token) =>
    world.issuer.dynamicCvv2({ token, channel: 'A', client: 'ATM' }),
  ),
  validateCvv2: card(active, (world, token) => world.issuer.validateCvv2({ token, candidate: 'x' })),
  pinTries: card(active, (world, token) => world.issuer.pinTries({ token })),
  validatePin: async (world) => {
    const token = await cardWithPin(world);
    const block = await world.block(token, PIN);
    return () => world.issuer.validatePin({ token, client: 'ATM', block });
  },
  changePin: async (world) => {
    const token = await cardWithPin(world);
    const [current, requested] = [await world.block(token, PIN), await world.block(token, OTHER_PIN)];
    return () => world.issuer.changePin({ token, client: 'ATM', current, requested });
  },
  assignPin: async (world) => {
    const token = await cardWithPin(world);
    const [block, permit] = [await world.block(token, OTHER_PIN), world.permit('set-pin')];
    return () => world.issuer.assignPin({ token, client: 'ATM', block, permit });
  },
  renewPin: async (world) => {
    const [token, permit] = [await activeCard(world), world.permit('set-pin')];
    return () => world.issuer.renewPin({ token, permit });
  },
  blockPin: card(active, (world, token) => world.issuer.blockPin({ token })),
  unblockPin: async (world) => {
    const token = await cardWithPin(world);
    await useUpTries(world, token);
    const permit = world.permit('unblock-pin');
    return () => world.issuer.unblockPin({ token, permit });
  },
  unblockCodes: async (world) => {
    const token = await activeCard(world);
    for (let i = 0; i < 5; i++) await world.issuer.validateCvv2({ token, candidate: 'x' });
    const permit = world.permit('unblock-pin');
    return () => world.issuer.unblockCodes({ token, permit });
  },
  revealPan: async (world) => {
    const [token, permit] = [await activeCard(world), world.permit('reveal-pan')];
    return () => world.issuer.revealPan({ token, permit });
  },
  revealCvv2: async (world) => {
    const [token, permit] = [await activeCard(world), world.permit('reveal-cvv2')];
    return () => world.issuer.revealCvv2({ token, permit });
  },
  revealPin: async (world) => {
    const token = await sealed(world);
    const permit = world.permit('reveal-pin');
    return () => world.issuer.revealPin({ token, client: 'ATM', permit });
  },
  reindexCards: card(active, (world) => world.issuer.reindexCards({})),
};
