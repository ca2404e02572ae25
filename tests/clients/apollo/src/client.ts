import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import { tap } from "rxjs";

// What `fetchMore` brings is put behind what is there; lists of another filter or order are other lists.
const pages = relayStylePagination(["where", "orderBy"]);

export function makeClient(uri: string, token?: string) {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  // Queries go by GET, so that browsers and proxies can keep the answers; a write goes by POST all the same. A document that the
  // server knows is named by its hash.
  const short = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });
  const asked = short.concat(new HttpLink({ uri, useGETForQueries: true, headers }));
  const socket = new GraphQLWsLink(createClient({ url: uri.replace(/^http/, "ws"), retryAttempts: Infinity, shouldRetry: () => true }));
  // After a break it asks again, for what came after the last revision that it was told: nothing is missed or told twice.
  const goesOn = new ApolloLink((operation, forward) =>
    forward(operation).pipe(
      tap(({ data }) => {
        const revision = data?.["changes"]?.commit.revision;
        if (revision !== undefined) operation.variables["after"] = revision;
      }),
    ),
  );
  const followed = goesOn.concat(socket);
  return new ApolloClient({
    link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, followed, asked),
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

async function sha256(text: string) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
