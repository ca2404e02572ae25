import type { ApolloClient } from "@apollo/client";
import { Measures } from "./queries.js";

/** Shows the measures, page by page, and again whenever one of them changes, until `unsubscribe` is called. */
export async function showMeasures(client: ApolloClient, show: (names: string[], total: number) => void) {
  const list = client.watchQuery({ query: Measures, variables: { first: 20 } });
  const shown = list.subscribe(({ data, dataState }) => {
    if (dataState === "complete") show(data.measures.edges.map(({ node }) => node.name), data.measures.totalCount);
  });
  let { data: page } = await client.query({ query: Measures, variables: { first: 20 } });
  while (page?.measures.pageInfo.hasNextPage) {
    page = (await list.fetchMore({ variables: { after: page.measures.pageInfo.endCursor } })).data;
  }
  return shown;
}
