/** Cards over HTTP with Fastify: add, activate, validate a PIN. Authentication of callers is yours. */
import { PaymentCryptoError } from 'cardwright';
import type { Issuer, ValidatePinRequest } from 'cardwright/issuer';
import Fastify, { type FastifyInstance } from 'fastify';

/** Code of an error → HTTP status: theirs, a conflict, or ours. What is not named is the caller's mistake. */
const STATUS: { readonly [code: string]: number } = {
  ERR_NOT_FOUND: 404,
  ERR_POLICY: 403,
  ERR_CARD_STATE: 409,
  ERR_REQUEST_MISMATCH: 409,
  ERR_CONFLICT: 409,
  ERR_STORE_UNAVAILABLE: 503,
  ERR_AUDIT: 503,
  ERR_CLOCK: 500,
  ERR_STORE_CORRUPT: 500,
  ERR_STORE_ROLLBACK: 500,
  ERR_INTERNAL: 500,
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
  app.setErrorHandler((error: Error & { statusCode?: number }, _, reply) => {
    if (error instanceof PaymentCryptoError)
      return reply.code(STATUS[error.code] ?? 422).send({ code: error.code, field: error.field });
    // What Fastify itself refuses has a status: a body that is no JSON, of another type, or too large.
    const status = error.statusCode ?? 500;
    return reply.code(status).send({ code: status < 500 ? 'ERR_REQUEST' : 'ERR_INTERNAL' });
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
