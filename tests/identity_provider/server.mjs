// An OpenID Connect provider for the tests, driven by provider.py. Its configuration comes in as
// one line of JSON; it ends when its standard input does, so that it never outlives its tests.
import * as crypto from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Provider } from 'oidc-provider';

const input = createInterface({ input: process.stdin });
const [line] = await once(input, 'line');
input.on('close', () => process.exit());
// What is left over, accounts and misbehaviour, may change later.
const { clients, key, port, scopes, secret, ...state } = JSON.parse(line);

const server = createServer().listen(port, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

// --- Tokens ------------------------------------------------------------------------------------

const privateKey = crypto.createPrivateKey(key);
const kid = crypto.hash('sha256', key, 'base64url');

const SPOILT = {
  expired: ({ iat }) => ({ iat: iat - 7200, exp: iat - 3600 }),
  wrong_audience: () => ({ aud: 'somebody-else' }),
  wrong_issuer: () => ({ iss: 'https://elsewhere.example' }),
  wrong_nonce: () => ({ nonce: 'another' }),
  wrong_signature: () => ({}),
};

function sign(header, claims) {
  // A foreign key hides behind the name of the real one: only the signature gives it away.
  const signer = state.misbehaviour === 'wrong_signature'
    ? crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    : privateKey;
  const parts = [{ ...header, alg: 'RS256', kid }, claims];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${crypto.sign('sha256', Buffer.from(signed), signer).toString('base64url')}`;
}

function spoilt(token) {
  const [header, claims] = token.split('.', 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  return sign(header, { ...claims, ...SPOILT[state.misbehaviour](claims) });
}

// --- Pages -------------------------------------------------------------------------------------

// The library's own pages fetch fonts from elsewhere.
function page(ctx, title, body) {
  ctx.type = 'html';
  ctx.body = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
  <link rel="icon" href="data:,">
</head>
<body><main><h1>${title}</h1>${body}</main></body>
</html>`;
}

const escaped = (words) => String(words).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const SIGN_IN = `<form method="post">
  <label>Login <input name="login" autocomplete="off" autofocus></label>
  <button name="action" value="sign-in">Sign in</button>
  <button name="action" value="cancel">Cancel</button>
</form>`;

// --- The provider ------------------------------------------------------------------------------

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', kid, use: 'sig' }] },
  cookies: { keys: [secret] },
  pkce: { required: () => true },
  claims: { openid: ['sub', 'acr', 'amr', 'auth_time'], ...scopes },
  // Whether the id token holds more than the subject, each account says.
  conformIdTokenClaims: false,
  findAccount(ctx, sub) {
    const account = Object.values(state.accounts).find((one) => one.sub === sub);
    if (!account) return undefined;
    const { acr, amr, in_id_token: inIdToken, ...claims } = account;
    return { accountId: sub, claims: (use) => (use === 'id_token' && !inIdToken ? { sub } : claims) };
  },
  // Consent is given before anybody is asked.
  async loadExistingGrant({ oidc }) {
    const grant = new provider.Grant({ accountId: oidc.account.accountId, clientId: oidc.client.clientId });
    grant.addOIDCScope(['openid', 'offline_access', ...Object.keys(scopes)].join(' '));
    await grant.save();
    return grant;
  },
  renderError(ctx, out) {
    page(ctx, 'Error', Object.entries(out).map(([name, value]) => `<p>${name}: ${escaped(value)}</p>`).join(''));
  },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      logoutSource(ctx, form) {
        page(ctx, 'Sign out', `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`);
      },
      postLogoutSuccessSource: (ctx) => page(ctx, 'Signed out', ''),
    },
  },
});
provider.on('server_error', (ctx, error) => console.error(error));

async function interact(ctx) {
  const { prompt } = await provider.interactionDetails(ctx.req, ctx.res);
  let result;
  if (prompt.name === 'consent') {
    result = { consent: {} };
  } else if (ctx.method === 'POST') {
    const form = new URLSearchParams(await text(ctx.req));
    const account = state.accounts[form.get('login')];
    if (form.get('action') === 'cancel') {
      result = { error: 'access_denied', error_description: 'The person cancelled' };
    } else if (account) {
      result = { login: { accountId: account.sub, acr: account.acr, amr: account.amr } };
    }
  }
  if (result) {
    ctx.status = 303;
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
  } else {
    const unknown = ctx.method === 'POST';
    ctx.status = unknown ? 400 : 200;
    page(ctx, 'Sign in', (unknown ? '<p role="alert">No such login.</p>' : '') + SIGN_IN);
  }
}

async function administer(ctx) {
  const { header, claims, ...changes } = JSON.parse(await text(ctx.req));
  Object.assign(state, changes);
  ctx.body = { token: claims && sign(header, claims) };
}

provider.use(async (ctx, next) => {
  if (ctx.path === `/${secret}`) return administer(ctx);
  if (ctx.path.startsWith('/interaction/')) return interact(ctx);
  await next();
  const { body, oidc } = ctx;
  if (oidc?.route === 'token' && body.id_token && state.misbehaviour in SPOILT) {
    body.id_token = spoilt(body.id_token);
  } else if (oidc?.route === 'userinfo' && body.sub && state.misbehaviour === 'other_subject') {
    body.sub = 'somebody-else';
  }
});

// Each client is checked when it is first looked for; a wrong one shall stop the start.
for (const { client_id: id } of clients) await provider.Client.find(id);
server.on('request', provider.callback());
console.log(`ready ${issuer}`);
