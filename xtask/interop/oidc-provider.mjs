// A foreign authorization server for `cargo xtask interop oauth`: panva's oidc-provider, with two
// clients. It approves everything, and prints what the other side needs as one line of JSON.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const redirect_uri = 'http://localhost:1717/callback';
const common = {
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  application_type: 'native',
  redirect_uris: [redirect_uri],
  response_types: ['code'],
};
const provider = new Provider(issuer, {
  clients: [
    { ...common, client_id: 'secretive', client_secret: 'not a real+secret:%', token_endpoint_auth_method: 'client_secret_basic' },
    {
      ...common,
      client_id: 'signing',
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'RS256',
      jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] },
    },
  ],
  clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
  features: {
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  findAccount: (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  cookies: { keys: ['test only'] },
});
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { prompt, params, session } = await provider.interactionDetails(ctx.req, ctx.res);
  let result = { login: { accountId: 'mia' } };
  if (prompt.name !== 'login') {
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope('openid offline_access');
    result = { consent: { grantId: await grant.save() } };
  }
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
});
server.on('request', provider.callback());
const facts = { issuer, redirect_uri, key: privateKey.export({ format: 'pem', type: 'pkcs8' }) };
console.log(JSON.stringify(facts));
