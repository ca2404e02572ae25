// The query explorer: GraphiQL on this server's own endpoint, opening with the worked examples.
import './editor.ts';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './explorer.css';

import { GraphiQL } from 'graphiql';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { type Example, examplesFor } from './examples.ts';
import { ExamplesMenu } from './examples-menu.tsx';
import { ENDPOINT, fetcher } from './fetcher.ts';
import { EditorLook } from './editor-look.ts';
import { ShareMenu } from './share-menu.tsx';

// A page of the server leads here with the query that it asks.
const asked = new URLSearchParams(location.search);
const query = asked.get('query');
const initial = query ? { initialQuery: query, initialVariables: asked.get('variables') ?? '' } : {};

function Explorer({ examples }: { examples: Example[] }) {
  return (
    <GraphiQL
      {...initial}
      fetcher={fetcher}
      defaultTabs={examples.map(({ query }) => ({ query }))}
      defaultEditorToolsVisibility={false}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <nav className="explorer-links" aria-label="Boordtabel">
          <ExamplesMenu examples={examples} />
          <ShareMenu />
          <a href="../schema.graphql">Schema</a>
          <a href="../" className="explorer-home" title="Back to the start page">
            Boordtabel
          </a>
        </nav>
      </GraphiQL.Logo>
      <EditorLook />
    </GraphiQL>
  );
}

const root = document.getElementById('explorer');
if (!root) throw new Error('the page has no element #explorer');
const examples = await examplesFor(ENDPOINT);
createRoot(root).render(
  <StrictMode>
    <Explorer examples={examples} />
  </StrictMode>,
);
