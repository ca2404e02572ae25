import { ChevronDownIcon, DropdownMenu, useGraphiQL } from '@graphiql/react';
import { useState } from 'react';
import { ENDPOINT, operations } from './fetcher.ts';

/** What is in the editors: as a request. */
interface Request {
  query: string;
  variables?: object;
  operationName?: string;
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Copies a text; where the browser lets no page do that, because it came unencrypted, it is shown to be copied. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else window.prompt('Copy this:', text);
}

/** What takes an answer, and the query itself, elsewhere. */
export function ShareMenu() {
  const { queryEditor, variableEditor, headerEditor, operationName } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    headerEditor: state.headerEditor,
    operationName: state.operationName,
  }));
  const [told, tell] = useState('');

  const request = (): Request => {
    const query = queryEditor?.getValue() ?? '';
    const variables = variableEditor?.getValue().trim();
    const named = operations(query).some((it) => it.name?.value === operationName);
    return { query, ...(variables ? { variables: JSON.parse(variables) } : {}), ...(named ? { operationName } : {}) };
  };
  /** Does it, and says how it went; what cannot be read in the editors is said too. */
  const act = (done: string, run: () => Promise<void>) => () => {
    tell('');
    Promise.resolve()
      .then(run)
      .then(() => tell(done))
      .catch((error: Error) => tell(error.message));
  };

  /** The answer as a table: rows of the one list that the query asks for. */
  const download = async (ending: string, accept: string) => {
    const answer = await fetch(ENDPOINT, {
      method: 'POST',
      headers: { ...JSON.parse(headerEditor?.getValue().trim() || '{}'), 'Content-Type': 'application/json', Accept: accept },
      body: JSON.stringify(request()),
    });
    if (!answer.headers.get('content-type')?.startsWith(accept)) {
      const { errors } = await answer.json();
      throw new Error(errors.map((it: { message: string; extensions?: { hint?: string } }) => `${it.message}: ${it.extensions?.hint ?? ''}`).join('; '));
    }
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await answer.blob());
    link.download = `answer.${ending}`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const curl = () => copy(`curl --json ${quoted(JSON.stringify(request()))} ${quoted(ENDPOINT)}`);
  const link = () => {
    const { query, variables } = request();
    const address = new URL(location.href);
    address.hash = '';
    address.search = String(new URLSearchParams({ query, ...(variables ? { variables: JSON.stringify(variables) } : {}) }));
    return copy(address.href);
  };

  const items: [string, string, () => void][] = [
    ['Download as CSV', 'The rows of the list that the query asks for.', act('Downloaded as CSV.', () => download('csv', 'text/csv'))],
    ['Download as XLSX', 'The same as a workbook.', act('Downloaded as XLSX.', () => download('xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'))],
    ['Copy as curl', 'The request for a shell; headers such as a token are left out.', act('The command is copied.', curl)],
    ['Copy a link', 'Whoever opens it finds this query and its variables here.', act('The link is copied.', link)],
  ];

  return (
    <>
      <DropdownMenu>
        <DropdownMenu.Button className="explorer-examples" disabled={!queryEditor}>
          Take along
          <ChevronDownIcon aria-hidden="true" />
        </DropdownMenu.Button>
        <DropdownMenu.Content align="end" className="explorer-menu">
          {items.map(([name, about, run]) => (
            <DropdownMenu.Item key={name} onSelect={run}>
              <span className="explorer-menu-name">{name}</span>
              <span className="explorer-menu-about">{about}</span>
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu>
      <span className="explorer-told" role="status">
        {told}
      </span>
    </>
  );
}
