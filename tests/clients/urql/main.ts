// urql with its normalised cache: records by id, pages, GET, a write that every view shows, errors.
import assert from "node:assert/strict";
import { graphql } from "../generated/index.js";
import { makeClient } from "./client.js";

const MeasureNames = graphql(`
  query MeasureNames($first: Int!, $after: String) {
    measures(first: $first, after: $after) {
      totalCount
      edges { node { id name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
const ProjectByKey = graphql(`
  query ProjectByKey($key: String!) { project(key: $key) { id milestones { id key status } } }
`);
const ProjectById = graphql(`
  query ProjectById($id: ID!) { node(id: $id) { id ... on Project { title milestones { id key status } } } }
`);
const Change = graphql(`
  mutation Change($input: SetMilestoneStatusInput!) {
    setMilestoneStatus(input: $input) { status changes { node { id ... on Milestone { status } } } }
  }
`);

const [url, token] = [process.argv[2]!, process.env.BOORDTABEL_TOKEN!];
const methods: string[] = [];
const warned: unknown[] = [];
const send = globalThis.fetch;
globalThis.fetch = (input, init) => {
  methods.push(init?.method ?? "GET");
  return send(input, init);
};
for (const level of ["warn", "error"] as const) console[level] = (...told) => void warned.push(told);
const client = makeClient(url, token);

// Pages: the last answer holds the whole list.
let after: string | null | undefined = null;
let list;
do {
  const { data, error } = await client.query(MeasureNames, { first: 20, after }).toPromise();
  assert.equal(error, undefined);
  list = data!.measures;
  assert.notEqual(list.pageInfo.endCursor, after, "each page goes on");
  after = list.pageInfo.endCursor;
} while (list.pageInfo.hasNextPage);
assert.equal(new Set(list.edges.map((edge) => edge.node.id)).size, list.totalCount);
assert(methods.length > 1 && methods.every((method) => method === "GET"), `queries go by GET, not ${methods}`);

// A record asked for by key, then by id: one in the cache.
const { data: byKey } = await client.query(ProjectByKey, { key: "beleidsproject-13" }).toPromise();
const id = byKey!.project!.id;
const milestone = byKey!.project!.milestones.find((each) => each.status === "DELAYED")!;
const { data: byId } = await client.query(ProjectById, { id }).toPromise();
assert.equal(byId?.node?.id, id);

// A write: the cache has the new status for whoever asks.
const input = { milestoneKey: milestone.key, status: "REALISED" as const, reason: "Note", idempotencyKey: "urql" };
const written = await client.mutation(Change, { input }).toPromise();
assert.equal(written.data?.setMilestoneStatus.status, "COMMITTED");
const before = methods.length;
const again = client.readQuery(ProjectByKey, { key: "beleidsproject-13" });
assert.equal(again?.data?.project?.milestones.find((each) => each.key === milestone.key)?.status, "REALISED");
assert.equal(methods.length, before, "the cache answers");

// Errors: the code says what to do.
const refused = await client.query(MeasureNames, { first: 5000 }, { requestPolicy: "network-only" }).toPromise();
assert.equal(refused.error?.graphQLErrors[0]?.extensions.code, "LIMIT_EXCEEDED", String(refused.error));
assert.deepEqual(warned, []);
console.log(`${list.totalCount} measures in pages; ${milestone.status} → REALISED`);
