import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";

export function makeClient(url: string, token?: string) {
  return new Client({
    url,
    preferGetMethod: "within-url-limit",
    fetchOptions: token ? { headers: { authorization: `Bearer ${token}` } } : {},
    exchanges: [
      cacheExchange({
        // Values without an id belong to their record. Every record has one.
        keys: keysOfValues(["Figure", "Citation", "Period", "WritePayload", "Change", "Problem"]),
        resolvers: { Query: { measures: relayPagination() }, Plan: { measures: relayPagination() } },
      }),
      fetchExchange,
    ],
  });
}

function keysOfValues(types: string[]) {
  return Object.fromEntries(types.map((type) => [type, () => null]));
}
