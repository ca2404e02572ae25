import { ChevronDownIcon, DropdownMenu, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import type { Example } from './examples.ts';

/** Brings back worked examples: goes to the tab that still holds one unchanged, otherwise opens it in a new tab. */
export function ExamplesMenu({ examples }: { examples: Example[] }) {
  const { tabs, queryEditor } = useGraphiQL((state) => ({ tabs: state.tabs, queryEditor: state.queryEditor }));
  const { addTab, changeTab } = useGraphiQLActions();

  const inTab = ({ query }: Example) => tabs.findIndex((tab) => tab.query === query);

  const open = (example: Example) => {
    const index = inTab(example);
    if (index >= 0) {
      changeTab(index);
      return;
    }
    addTab();
    queryEditor?.setValue(example.query);
  };

  return (
    <DropdownMenu>
      <DropdownMenu.Button className="explorer-examples" disabled={!queryEditor}>
        Examples
        <ChevronDownIcon aria-hidden="true" />
      </DropdownMenu.Button>
      <DropdownMenu.Content align="end" className="explorer-menu">
        {examples.map((example) => (
          <DropdownMenu.Item key={example.name} onSelect={() => open(example)}>
            <span className="explorer-menu-name">{example.name}</span>
            <span className="explorer-menu-about">{example.about}</span>
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}
