import type { Fetcher, FetcherOpts, FetcherParams } from '@graphiql/toolkit';
import { type ExecutionResult, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { createClient } from 'graphql-ws';

// Beside the explorer's folder, so also below the path that a proxy puts both.
export const ENDPOINT = new URL('../graphql', location.href).href;
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
  const url = ENDPOINT.replace(/^http/, 'ws');
  // The two packages differ in how they type errors, not in what comes.
  const answers: unknown = createClient({ url, connectionParams: options?.headers }).iterate(request);
  return answers as AsyncIterable<ExecutionResult>;
}

/** The operations of a document; none when it cannot be read, and then the server says why. */
export function operations(document: string): OperationDefinitionNode[] {
  try {
    return parse(document, { noLocation: true }).definitions.filter((it) => it.kind === Kind.OPERATION_DEFINITION);
  } catch {
    return [];
  }
}

// GraphiQL reads a document a moment after it has changed. What it says of a tab that is run at once, the operation's name and the
// document's tree, may still be of the tab before: so both are taken from the text that is sent.
export const fetcher: Fetcher = (request, options) => {
  const { operationName, ...rest } = request;
  const found = operations(request.query);
  const named = found.find((it) => it.name?.value === operationName);
  const chosen = named ?? (found.length === 1 ? found[0] : undefined);
  const sent = { ...rest, operationName: chosen?.name?.value };
  return chosen?.operation === 'subscription' ? follow(sent, options) : post(sent, options);
};
