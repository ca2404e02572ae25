import type { Fetcher, FetcherOpts, FetcherParams } from '@graphiql/toolkit';
import type { ExecutionResult } from 'graphql';
import { createClient } from 'graphql-ws';

const ENDPOINT = '/graphql';
const EXCERPT_CHARS = 2000;

/** Posts a request and gives the answer's JSON, whatever its status: GraphQL errors come with statuses of their own. */
async function post(request: FetcherParams, options?: FetcherOpts) {
  const response = await fetch(ENDPOINT, {
    method: 'POST',
    credentials: 'same-origin',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json, application/json',
      ...options?.headers,
    },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    const status = `${response.status} ${response.statusText}`.trim();
    throw new Error(`${ENDPOINT} answered ${status} with something else than JSON: ${text.slice(0, EXCERPT_CHARS)}`);
  }
}

/** Follows a subscription over a socket, which closes when nobody listens any more. */
function follow(request: FetcherParams, options?: FetcherOpts) {
  const url = new URL(ENDPOINT, location.href.replace(/^http/, 'ws')).href;
  // The two packages differ in how they type errors, not in what comes.
  const answers: unknown = createClient({ url, connectionParams: options?.headers }).iterate(request);
  return answers as AsyncIterable<ExecutionResult>;
}

const isSubscription = ({ operationName }: FetcherParams, options?: FetcherOpts) =>
  options?.documentAST?.definitions.some(
    (definition) =>
      definition.kind === 'OperationDefinition' &&
      definition.operation === 'subscription' &&
      (!operationName || definition.name?.value === operationName),
  ) ?? false;

export const fetcher: Fetcher = (request, options) =>
  isSubscription(request, options) ? follow(request, options) : post(request, options);
