// Relay: what its compiler made of `queries.ts`, run by its runtime. A plugin for Babel would put the compiled documents in the
// place of the tagged ones; here they are imported by name.
import assert from "node:assert/strict";
import {
  Environment,
  Network,
  RecordSource,
  Store,
  commitMutation,
  createOperationDescriptor,
  fetchQuery,
  getSingularSelector,
} from "relay-runtime";
import type { FetchFunction, GraphQLTaggedNode } from "relay-runtime";
import measureFragment from "../artifacts/queriesMeasure.graphql";
import measureAgain, { type queriesMeasureAgainQuery } from "../artifacts/queriesMeasureAgainQuery.graphql";
import measuresFragment, { type queriesMeasures$data } from "../artifacts/queriesMeasures.graphql";
import measuresPages, { type queriesMeasuresPagesQuery } from "../artifacts/queriesMeasuresPagesQuery.graphql";
import planQuery, { type queriesPlanQuery, type queriesPlanQuery$data } from "../artifacts/queriesPlanQuery.graphql";
import setStatus, { type queriesSetStatusMutation } from "../artifacts/queriesSetStatusMutation.graphql";

const [url, token] = [process.argv[2]!, process.env.BOORDTABEL_TOKEN!];

const send: FetchFunction = async ({ text }, variables) => {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query: text, variables }),
  });
  return response.json();
};
const environment = new Environment({ network: Network.create(send), store: new Store(new RecordSource()) });

async function main() {
  // The page: its own data, and a list that it knows nothing of.
  const variables = { plan: "dwse-2021" };
  const first = await fetchQuery<queriesPlanQuery>(environment, planQuery, variables).toPromise();
  assert.match(first?.plan?.title ?? "", /./);
  const operation = createOperationDescriptor(planQuery, variables);
  environment.retain(operation);
  const plan = (environment.lookup(operation.fragment).data as unknown as queriesPlanQuery$data).plan!;

  // The list, and its next pages, which the compiler's own query brings by the plan's id.
  const list = (fragment: unknown) => {
    const found = environment.lookup(getSingularSelector(measuresFragment, fragment) as never);
    return (found.data as unknown as queriesMeasures$data).measures;
  };
  let shown = list(plan);
  assert.equal(shown.edges.length, 20);
  for (let pages = 1; shown.pageInfo.hasNextPage; pages++) {
    assert(pages < 100, "the pages come to an end");
    const next = { id: plan.id, count: 20, cursor: shown.pageInfo.endCursor };
    await fetchQuery<queriesMeasuresPagesQuery>(environment, measuresPages, next).toPromise();
    environment.retain(createOperationDescriptor(measuresPages, next));
    shown = list(plan);
  }
  assert.equal(new Set(shown.edges.map(({ node }) => node.id)).size, shown.totalCount);

  // One of them again, through `node`.
  const one = shown.edges[0]!.node;
  const again = await fetchQuery<queriesMeasureAgainQuery>(environment, measureAgain, { id: one.id }).toPromise();
  assert(again?.node);
  const selector = getSingularSelector(measureFragment, again.node);
  assert.equal(environment.lookup(selector as never).isMissingData, false);

  // A write: the record in the store is the one that the answer names.
  const input = {
    milestoneKey: "beleidsproject-13/2020/planned/2",
    status: "REALISED" as const,
    reason: "Note of 12 March",
    idempotencyKey: "relay",
  };
  const written = await new Promise<queriesSetStatusMutation["response"]>((onCompleted, onError) =>
    commitMutation<queriesSetStatusMutation>(environment, {
      mutation: setStatus as unknown as GraphQLTaggedNode,
      variables: { input },
      onCompleted,
      onError,
    }),
  );
  assert.equal(written.setMilestoneStatus.status, "COMMITTED");
  const id = written.setMilestoneStatus.changes[0]!.node!.id!;
  assert.equal(environment.getStore().getSource().get(id)?.status, "REALISED");
  console.log(`${shown.totalCount} measures in pages; ${id} REALISED`);
}

void main();
