import type { Fetcher } from '@graphiql/toolkit';

const ENDPOINT = '/graphql';
const EXCERPT_CHARS = 2000;

/** Posts one request and gives the answer's JSON, whatever its status: GraphQL errors come with statuses of their own. */
export const fetcher: Fetcher = async (request, options) => {
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
};
