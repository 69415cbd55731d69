/** Cards over HTTP with Fastify: add, activate, validate a PIN. Authentication of callers is yours. */
import { PaymentCryptoError } from 'cardwright';
import type { Issuer, ValidatePinRequest } from 'cardwright/issuer';
import Fastify, { type FastifyInstance } from 'fastify';

/** Code of an error → HTTP status; what is not named is the caller's mistake. */
const STATUS: { readonly [code: string]: number } = {
  ERR_NOT_FOUND: 404,
  ERR_POLICY: 403,
  ERR_CARD_STATE: 409,
  ERR_REQUEST_MISMATCH: 409,
  ERR_STORE_UNAVAILABLE: 503,
};

const text = { type: 'string' } as const;
const addCard = {
  body: {
    type: 'object',
    required: ['requestId', 'product', 'account'],
    additionalProperties: false,
    properties: { requestId: text, product: text, account: text },
  },
} as const;

/** The service of an issuer. */
export function cardService(issuer: Issuer): FastifyInstance {
  const app = Fastify();
  app.setErrorHandler((error: Error & { validation?: unknown }, _, reply) => {
    if (error instanceof PaymentCryptoError)
      return reply.code(STATUS[error.code] ?? 422).send({ code: error.code, field: error.field });
    return reply.code(error.validation === undefined ? 500 : 400).send({ code: 'ERR_REQUEST' });
  });
  app.post<{ Body: { requestId: string; product: string; account: string } }>(
    '/cards',
    { schema: addCard },
    async ({ body }, reply) => reply.code(201).send((await issuer.addCard(body)).card),
  );
  app.put<{ Params: { token: string } }>('/cards/:token/activation', ({ params }) =>
    issuer.activateCard(params),
  );
  app.post<{ Params: { token: string }; Body: Omit<ValidatePinRequest, 'token'> }>(
    '/cards/:token/pin/validation',
    ({ params, body }) => issuer.validatePin({ ...body, ...params }),
  );
  return app;
}
