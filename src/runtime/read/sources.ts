/** Tells whether the files that a tree was made of have changed since. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import type { SourceMap } from "../../tree/SourceMap.ts"

/** Answers the files that are not as they were when this was called. Looks at their content, not at dates. */
export function watchSources(origin: SourceMap | undefined): () => ReadonlyArray<string> {
  const files = new Set([...(origin?.places.values() ?? [])].map(({ file }) => file))
  const before = new Map([...files].map((file) => [file, fingerprint(file)] as const))
  return () => [...before].flatMap(([file, was]) => (fingerprint(file) === was ? [] : [file]))
}

/** Empty if the file cannot be read. */
function fingerprint(file: string): string {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("base64")
  } catch {
    return ""
  }
}
