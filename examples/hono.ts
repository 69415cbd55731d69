/** Cards over HTTP with Hono, on any runtime that it runs on: codes, tries, a CVV2. Authentication of callers is yours. */
import { type ErrorCode, PaymentCryptoError } from 'cardwright';
import type { Channel, Issuer } from 'cardwright/issuer';
import { Hono } from 'hono';
import * as v from 'valibot';

/** Code of an error → HTTP status: theirs, a conflict, or ours. What is not named is the caller's mistake. */
const STATUS: { readonly [Code in ErrorCode]?: 403 | 404 | 409 | 500 | 503 } = {
  ERR_NOT_FOUND: 404,
  ERR_POLICY: 403,
  ERR_CARD_STATE: 409,
  ERR_CONFLICT: 409,
  ERR_STORE_UNAVAILABLE: 503,
  ERR_AUDIT: 503,
  ERR_CLOCK: 500,
  ERR_STORE_CORRUPT: 500,
  ERR_STORE_ROLLBACK: 500,
  ERR_INTERNAL: 500,
};

const Purchase = v.strictObject({ cvv2: v.pipe(v.string(), v.regex(/^[0-9]{3,4}$/)) });
const Codes = v.strictObject({
  channel: v.picklist(['A', 'I', 'W'] satisfies Channel[]),
  client: v.string(),
});

/** The service of an issuer. */
export function codeService(issuer: Issuer): Hono {
  const app = new Hono();
  app.onError((error, context) => {
    if (error instanceof PaymentCryptoError)
      return context.json({ code: error.code, field: error.field }, STATUS[error.code] ?? 422);
    if (error instanceof v.ValiError || error instanceof SyntaxError)
      return context.json({ code: 'ERR_REQUEST' }, 400);
    return context.json({ code: 'ERR_INTERNAL' }, 500);
  });
  app.get('/cards/:token/pin/tries', async (context) =>
    context.json(await issuer.pinTries({ token: context.req.param('token') })),
  );
  app.post('/cards/:token/codes', async (context) => {
    const asked = v.parse(Codes, await context.req.json());
    return context.json(await issuer.securityCodes({ token: context.req.param('token'), ...asked }));
  });
  app.post('/cards/:token/purchase', async (context) => {
    const { cvv2 } = v.parse(Purchase, await context.req.json());
    return context.json(await issuer.validateCvv2({ token: context.req.param('token'), candidate: cvv2 }));
  });
  return app;
}
