// Follows the log with the real clients, through cut connections, until it has a revision:
//
//   node follow.mjs ws|sse|sse-single <base URL> <last revision>
//
// Prints what it put together: {"feed": [[revision, changeCount, behind], …], "connections": n}.
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import WebSocket from 'ws';

const [protocol, base, last] = process.argv.slice(2);
const feed = [];
let connections = 0;
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));
const on = { connecting: () => (connections += 1) };

const clients = {
  ws: () =>
    createWsClient({
      url: `${base.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: Infinity,
      retryWait: soon,
      shouldRetry: () => true,
      on,
    }),
  sse: () => createSseClient({ url: `${base}/graphql`, retryAttempts: Infinity, retry: soon, on }),
  'sse-single': () =>
    createSseClient({ url: `${base}/graphql/stream`, singleConnection: true, retryAttempts: Infinity, retry: soon, on }),
};

const client = clients[protocol]();
// A client that connects again sends the request again: as it is then.
const variables = { after: 0 };
const query = 'subscription Follow($after: Revision) { changes(after: $after) { behind commit { revision changeCount } } }';
await new Promise((resolve, reject) => {
  const stop = client.subscribe(
    { query, variables },
    {
      next({ data, errors }) {
        if (errors) return reject(new Error(JSON.stringify(errors)));
        const { behind, commit } = data.changes;
        feed.push([commit.revision, commit.changeCount, behind]);
        variables.after = commit.revision;
        if (commit.revision >= Number(last)) {
          resolve();
          stop();
        }
      },
      error: reject,
      complete: resolve,
    },
  );
});
client.dispose();
console.log(JSON.stringify({ feed, connections }));
process.exit(0);
