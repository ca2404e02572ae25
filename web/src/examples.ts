// The worked examples: the files of `web/examples`, in the order of their names.
export interface Example {
  /** The operation's name, also the title of its tab. */
  name: string;
  /** The first line of its opening comment. */
  about: string;
  query: string;
}

const files = import.meta.glob<string>('../examples/*.graphql', { query: '?raw', import: 'default', eager: true });

export const examples: Example[] = Object.keys(files)
  .sort((a, b) => (a < b ? -1 : 1))
  .map((path) => read(path, files[path] ?? ''));

function read(path: string, query: string): Example {
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  const name = /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1];
  const about = /^\s*#\s*(.*)$/m.exec(query)?.[1];
  return { name: name ?? fileName.replace(/\.graphql$/, ''), about: about ?? '', query };
}
