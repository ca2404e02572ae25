declare var MonacoEnvironment: import('monaco-editor').Environment | undefined;
