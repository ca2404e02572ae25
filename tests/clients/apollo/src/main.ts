// Apollo Client: typed documents, records kept once by id, pages, GET, a write that every view shows, errors.
import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { CombinedGraphQLErrors, ServerError, gql } from "@apollo/client";
import { parse } from "graphql";
import { filter, firstValueFrom, map } from "rxjs";
import { WebSocket } from "ws";
import { graphql } from "./generated/index.js";
import { makeClient } from "./client.js";
import { showMeasures } from "./measures.js";
import { Live, Measures, Project, SetStatus } from "./queries.js";

const [uri, token] = [process.argv[2]!, process.env.BOORDTABEL_TOKEN!];
const methods: string[] = [];
const addresses: string[] = [];
const send = globalThis.fetch;
globalThis.fetch = (input, init) => {
  methods.push(init?.method ?? "GET");
  addresses.push(String(input));
  return send(input, init);
};
// Browsers have it, and Node.js from 22 on.
Object.assign(globalThis, { WebSocket });
const client = makeClient(uri, token);

// Pages: each is put behind what is there, and who shows the list sees it grow to its end.
const shown: number[] = [];
const whole = new Promise((resolve) =>
  void showMeasures(client, (names, total) => {
    shown.push(names.length);
    if (names.length === total) resolve(new Set(names));
  }),
);
await whole;
const measures = client.readQuery({ query: Measures, variables: { first: 20 } })?.measures;
const ids = new Set(measures?.edges.map(({ node }) => node.id));
assert(ids.size > 20 && ids.size === measures?.totalCount, "each measure once");
assert(shown[0] === 20 && shown.every((count, index) => index === 0 || count >= shown[index - 1]!), `${shown}`);
assert(methods.length > 1 && methods.every((method) => method === "GET"), `queries go by GET, not ${methods}`);
// The document was sent once, with its hash; then its hash alone.
const withText = addresses.filter((address) => new URL(address).searchParams.has("query"));
assert(withText.length === 1 && addresses.length > 3, addresses.join("\n"));

// Another filter is another list.
const where = { name: { contains: "premie" } };
const some = await client.query({ query: Measures, variables: { first: 20, where } });
assert(some.data && some.data.measures.totalCount > 0 && some.data.measures.totalCount < ids.size);
assert(some.data.measures.edges.every(({ node }) => node.name.toLowerCase().includes("premie")));

// A record that one query brought is there for another, by its id.
const known = [...ids][0]!;
const fragment = gql`fragment Name on Measure { id name }`;
const cached = client.readFragment<{ name: string }>({ fragment, id: client.cache.identify({ __typename: "Measure", id: known })! });
assert.equal(cached?.name, measures?.edges[0]?.node.name);

// Two queries that ask different parts of one figure: neither loses what the other had.
const key = "vlaamse-ondersteuningspremie/ontvangen-dossiers/2019";
const Value = graphql(`query Value($key: String!) { observation(key: $key) { id figure { value } } }`);
const Printed = graphql(`query Printed($key: String!) { observation(key: $key) { id figure { printed { text } } } }`);
await client.query({ query: Value, variables: { key } });
await client.query({ query: Printed, variables: { key } });
const both = client.readQuery({ query: Value, variables: { key } });
assert.equal(both?.observation?.figure.value, "6946");

// A write: who shows the milestone sees its new status, without asking again; so does somebody else who follows.
const milestoneKey = "beleidsproject-13/2020/planned/2";
const other = makeClient(uri);
const views = [client, other].map((each) => {
  const view = each.watchQuery({ query: Project, variables: { key: "beleidsproject-13" } });
  view.subscribe({});
  const statuses = view.pipe(map(({ data }) => data?.project?.milestones?.find((it) => it?.key === milestoneKey)?.status));
  return (status: unknown) => firstValueFrom(statuses.pipe(filter((it) => it === status)));
});
await Promise.all(views.map((shows) => shows("DELAYED")));
const told: string[] = [];
const following = other.subscribe({ query: Live, variables: { after: 1 } }).subscribe(({ data, error }) => {
  assert.equal(error, undefined);
  told.push(...data!.changes.commit.changes.map(({ outcome }) => outcome));
});
const asked = methods.length;
const input = { milestoneKey, status: "REALISED" as const, reason: "Note of 12 March", idempotencyKey: "apollo" };
const written = await client.mutate({ mutation: SetStatus, variables: { input } });
assert.equal(written.data?.setMilestoneStatus.status, "COMMITTED");
await Promise.all(views.map((shows) => shows("REALISED")));
assert.deepEqual([new Set(methods.slice(asked)), told], [new Set(["POST"]), ["UPDATED"]]);
following.unsubscribe();

// Who follows through a break goes on from the last revision told: nothing is missed, nothing told twice.
const sockets = new Set<Socket>();
let connections = 0;
const { hostname, port, pathname } = new URL(uri);
const proxy = createServer((near) => {
  connections += 1;
  const far = connect(Number(port), hostname);
  for (const socket of [near, far]) {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => (near.destroy(), far.destroy()));
  }
  near.pipe(far).pipe(near);
});
await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
const far = makeClient(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}${pathname}`);
const revisions: number[] = [];
const arrivals = new Map<number, () => void>();
const reached = (count: number) => new Promise<void>((done) => void (revisions.length >= count ? done() : arrivals.set(count, done)));
const broken = far.subscribe({ query: Live, variables: { after: 1 } }).subscribe(({ data, error }) => {
  assert.equal(error, undefined);
  revisions.push(data!.changes.commit.revision);
  arrivals.get(revisions.length)?.();
});
const note = (status: "DELAYED" | "REALISED", idempotencyKey: string) =>
  client.mutate({ mutation: SetStatus, variables: { input: { ...input, status, idempotencyKey } } });
await reached(1);
for (const [at, status] of (["DELAYED", "REALISED"] as const).entries()) {
  sockets.forEach((socket) => socket.destroy());
  assert.equal((await note(status, `broken-${at}`)).data?.setMilestoneStatus.status, "COMMITTED");
  await reached(at + 2);
}
assert.deepEqual([revisions, connections >= 3], [[2, 3, 4], true]);
broken.unsubscribe();
far.stop();
sockets.forEach((socket) => socket.destroy());
proxy.close();

// Now and then, side by side: two records to the cache, and either is asked for again by its id.
const Beside = graphql(`
  query Beside($key: String!) {
    now: milestone(key: $key) { id status }
    then: at(asOf: { revision: 1 }) { milestone(key: $key) { id status } }
  }
`);
const { data: beside } = await client.query({ query: Beside, variables: { key: milestoneKey } });
assert.deepEqual([beside?.now?.status, beside?.then.milestone?.status], ["REALISED", "DELAYED"]);
const Again = graphql(`query Again($id: ID!) { node(id: $id) { id ... on Milestone { status } } }`);
const again = await client.query({ query: Again, variables: { id: beside!.then.milestone!.id }, fetchPolicy: "network-only" });
assert.deepEqual(again.data?.node, beside?.then.milestone);

// Errors of a query: the code says what to do, whatever the HTTP status.
const refused = await client.query({ query: Measures, variables: { first: 5000 }, fetchPolicy: "network-only", errorPolicy: "all" });
assert(CombinedGraphQLErrors.is(refused.error), String(refused.error));
const { code, limit, found } = refused.error.errors[0]!.extensions as Record<string, unknown>;
assert.deepEqual([code, limit, found], ["LIMIT_EXCEEDED", 1000, 5000]);
const unknown = await client.query({ query: parse("query Unknown { nothing }"), errorPolicy: "all" });
assert(CombinedGraphQLErrors.is(unknown.error), String(unknown.error));

// A refusal before GraphQL comes into it.
const stranger = makeClient(uri, "bt_nobody");
const answer = await stranger.mutate({
  mutation: SetStatus,
  variables: { input: { ...input, idempotencyKey: "stranger" } },
  errorPolicy: "all",
});
assert(ServerError.is(answer.error) && answer.error.statusCode === 401, String(answer.error));
console.log(`${ids.size} measures in pages; ${milestoneKey} REALISED`);
client.stop();
other.stop();
