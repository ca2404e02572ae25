import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

// What `fetchMore` brings is put behind what is there; lists of another filter or order are other lists.
const pages = relayStylePagination(["where", "orderBy"]);

export function makeClient(uri: string, token?: string) {
  return new ApolloClient({
    link: new HttpLink({
      uri,
      // Queries go by GET, so that browsers and proxies can keep the answers; a write goes by POST all the same.
      useGETForQueries: true,
      headers: token ? { authorization: `Bearer ${token}` } : {},
    }),
    cache: new InMemoryCache({
      typePolicies: {
        Query: { fields: { measures: pages, milestones: pages } },
        Plan: { fields: { measures: pages } },
        // Every record has an id. Values have none: what one query asks of them joins what another did.
        Figure: { merge: true },
        Citation: { merge: true },
        Period: { merge: true },
      },
    }),
  });
}
