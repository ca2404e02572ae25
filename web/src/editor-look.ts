// The editor's colours, matching explorer.css, its line wrapping, and that it boxes no letters. GraphiQL defines its two themes
// when the editor has loaded; ours take their places.
import { useGraphiQL, useMonaco } from '@graphiql/react';
import { useEffect } from 'react';

interface Palette {
  base: 'vs' | 'vs-dark';
  accent: string;
  panel: string;
  name: string;
  argument: string;
  type: string;
  text: string;
  comment: string;
  punctuation: string;
}

const LIGHT: Palette = {
  base: 'vs',
  accent: '#0b4f8a',
  panel: '#ffffff',
  name: '#0b4f8a',
  argument: '#7a4300',
  type: '#6b3fa0',
  text: '#1c6b3c',
  comment: '#5b6776',
  punctuation: '#3c4858',
};

const DARK: Palette = {
  base: 'vs-dark',
  accent: '#8cc2f5',
  panel: '#18212d',
  name: '#8cc2f5',
  argument: '#eab676',
  type: '#c9a9f2',
  text: '#8fd6a8',
  comment: '#93a1b3',
  punctuation: '#c3cddb',
};

// No box around “–”: plans are printed with it, it is not a disguised hyphen.
const PLAIN = { ambiguousCharacters: false, invisibleCharacters: false, nonBasicASCII: false };

export function EditorLook() {
  const monaco = useMonaco((state) => state.monaco);
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const headerEditor = useGraphiQL((state) => state.headerEditor);
  const responseEditor = useGraphiQL((state) => state.responseEditor);
  useEffect(() => {
    if (!monaco) return;
    monaco.editor.defineTheme('graphiql-LIGHT', theme(LIGHT));
    monaco.editor.defineTheme('graphiql-DARK', theme(DARK));
  }, [monaco]);
  useEffect(() => queryEditor?.updateOptions({ wordWrap: 'on', wrappingIndent: 'indent' }), [queryEditor]);
  useEffect(() => {
    for (const editor of [queryEditor, variableEditor, headerEditor, responseEditor]) {
      editor?.updateOptions({ unicodeHighlight: PLAIN });
    }
  }, [queryEditor, variableEditor, headerEditor, responseEditor]);
  return null;
}

function theme(palette: Palette) {
  const { accent, panel } = palette;
  const tint = `${accent}1f`;
  return {
    base: palette.base,
    inherit: true,
    rules: [
      { token: 'comment', foreground: palette.comment },
      { token: 'key', foreground: palette.name },
      { token: 'identifier', foreground: palette.name },
      { token: 'argument.identifier', foreground: palette.argument },
      { token: 'type.identifier', foreground: palette.type },
      { token: 'string', foreground: palette.text },
      { token: 'string.key.json', foreground: palette.name },
      { token: 'string.value.json', foreground: palette.text },
      { token: 'number', foreground: palette.argument },
      { token: 'keyword', foreground: palette.type },
      { token: 'delimiter', foreground: palette.punctuation },
    ],
    colors: {
      'editor.background': '#00000000',
      'editorLineNumber.foreground': palette.comment,
      'editorWidget.background': panel,
      'editorHoverWidget.background': panel,
      'editorSuggestWidget.background': panel,
      'editorSuggestWidget.selectedBackground': tint,
      'editorSuggestWidget.selectedForeground': accent,
      'editorSuggestWidget.highlightForeground': accent,
      'editorSuggestWidget.focusHighlightForeground': accent,
      'quickInput.background': panel,
      'quickInputList.focusBackground': tint,
      'quickInputList.focusForeground': accent,
      'menu.background': panel,
      'menu.selectionBackground': tint,
      'menu.selectionForeground': accent,
      'list.hoverBackground': tint,
      'list.highlightForeground': accent,
      'textLink.foreground': accent,
      'textLink.activeForeground': accent,
      'editorLink.activeForeground': accent,
      'scrollbar.shadow': '#00000000',
      focusBorder: accent,
    },
  };
}
