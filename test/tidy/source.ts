/** Reads TypeScript just well enough for the house rules: what is code, what is comment, what is imported. */
import { posix } from "node:path"
import { tokenizer, tokTypes } from "acorn"

/** Path from the repository's root → text. */
export type Files = ReadonlyMap<string, string>

export const isSource = (path: string) => path.startsWith("src/") && path.endsWith(".ts")
export const sources = (files: Files): ReadonlyArray<[string, string]> => [...files].filter(([path]) => isSource(path))

/** `file:line what` for every match of a global pattern. */
export function findings(path: string, text: string, pattern: RegExp, what: (match: RegExpMatchArray) => string): ReadonlyArray<string> {
  return [...text.matchAll(pattern)].map((match) => `${path}:${lineAt(text, match.index)} ${what(match)}`)
}

export const lineAt = (text: string, index: number) => text.slice(0, index).split("\n").length

/**
 * The text with comments and, unless kept, the contents of strings and patterns blanked. Positions stay the same. The
 * tokens of TypeScript are those of JavaScript; but where a value is said to be there, `a! / b`, only TypeScript knows
 * that the slash divides.
 */
export function code(text: string, strings: "kept" | "blank" = "blank"): string {
  const blanks: Array<readonly [from: number, to: number]> = []
  const onComment = (_block: boolean, _text: string, from: number, to: number) => blanks.push([from, to])
  const javaScript = text.replace(/(?<=[\w$)\]])!(?=\s*\/)/g, " ")
  for (const { type, start, end } of tokenizer(javaScript, { ecmaVersion: "latest", sourceType: "module", onComment })) {
    if (strings === "kept") continue
    if (type === tokTypes.template) blanks.push([start, end])
    if (type === tokTypes.string) blanks.push([start + 1, end - 1])
    if (type === tokTypes.regexp) blanks.push([start + 1, text.lastIndexOf("/", end - 1)])
  }
  let out = ""
  for (const [from, to] of blanks.sort(([one], [other]) => one - other)) {
    out += text.slice(out.length, from) + text.slice(from, to).replace(/[^\n]/g, " ")
  }
  return out + text.slice(out.length)
}

/** The complement of `code`: comments and the contents of strings and patterns. Positions stay the same. */
export function prose(text: string): string {
  const kept = code(text)
  return [...text].map((character, i) => (character === "\n" || kept[i] !== character ? character : " ")).join("")
}

export interface Import {
  readonly line: number
  /** As written. */
  readonly specifier: string
  /** The file it names, from the repository's root; undefined for a package. */
  readonly file: string | undefined
  /** Erased at run time: `import type`, `export type`. */
  readonly typeOnly: boolean
  /** `export * from`, or `export type * from`. */
  readonly everything: boolean
}

export function imports(path: string, text: string): ReadonlyArray<Import> {
  const kept = code(text, "kept")
  const statement = /\b(import|export)\s+(type\s+)?(?:([\w*{}\s,$]+?)\s*\bfrom\s*)?"([^"\n]+)"|\bimport\(\s*"([^"\n]+)"\s*\)/g
  return [...kept.matchAll(statement)].map((match) => {
    const specifier = match[4] ?? match[5]!
    return {
      line: lineAt(kept, match.index),
      specifier,
      file: specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : undefined,
      typeOnly: match[2] !== undefined,
      everything: match[1] === "export" && match[3]?.trim() === "*"
    }
  })
}

/** `@effect/platform-node/NodeRuntime` → `@effect/platform-node`. */
export const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
