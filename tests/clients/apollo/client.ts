import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

export function makeClient(uri: string, token?: string) {
  return new ApolloClient({
    link: new HttpLink({
      uri,
      // Queries go by GET, so that browsers and proxies can keep the answers; what writes goes by POST all the same.
      useGETForQueries: true,
      headers: token ? { authorization: `Bearer ${token}` } : {},
    }),
    cache: new InMemoryCache({
      // Every record has an id of its own, so nothing needs to be said of those.
      typePolicies: {
        // Lists in pages: what `fetchMore` brings is put behind what is there.
        Query: { fields: { measures: relayStylePagination(), milestones: relayStylePagination() } },
        Plan: { fields: { measures: relayStylePagination() } },
        // Values without an id belong to their record: what one query asks of them joins what another did.
        Figure: { merge: true },
        Citation: { merge: true },
        Period: { merge: true },
      },
    }),
  });
}
