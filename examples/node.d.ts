// The little of Node.js that import.mts uses. A project that has @types/node needs no such file.
declare module "node:fs" {
  export function readFileSync(path: string, encoding: "utf8"): string;
}

declare const process: {
  argv: string[];
  env: Record<string, string | undefined>;
  exit(code: number): never;
};
