// An issuer on a free port of this machine. Clients get tokens at `/token` as its protocol has it (client credentials), for the register
// and for somebody else. `/rotate` gives it other keys, `/fetched` tells how often its keys were asked for. It ends with its input.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const ROLES = { planner: ['planners'], controller: 'staff controllers', reader: [] };

const server = createServer();
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const issuer = `http://127.0.0.1:${server.address().port}`;

const key = (kid, alg) => {
  const made = { RS256: ['rsa', { modulusLength: 2048 }], ES256: ['ec', { namedCurve: 'P-256' }], EdDSA: ['ed25519', {}] };
  return { ...generateKeyPairSync(...made[alg]).privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
};

const provider = (round) =>
  new Provider(issuer, {
    jwks: { keys: ['RS256', 'ES256', 'EdDSA'].map((alg) => key(`${alg}-${round}`, alg)) },
    clients: Object.keys(ROLES).map((name) => ({
      client_id: name,
      client_secret: `secret-of-${name}`,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
    extraTokenClaims: (_, token) => ({ roles: ROLES[token.clientId] }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource, client) => ({
          audience: resource,
          scope: '',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: { planner: 'RS256', controller: 'ES256', reader: 'EdDSA' }[client.clientId] } },
        }),
      },
    },
  }).callback();

let round = 0;
let handle = provider(round);
let fetched = 0;
server.on('request', (request, response) => {
  if (request.url === '/jwks') fetched += 1;
  if (request.url === '/fetched') return response.end(String(fetched));
  if (request.url === '/rotate') {
    handle = provider((round += 1));
    return response.end();
  }
  return handle(request, response);
});
console.log(issuer);
process.stdin.resume().on('end', () => process.exit());
