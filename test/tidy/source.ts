/** Reads TypeScript just well enough for the house rules: what is code, what is comment, what is imported. */
import { posix } from "node:path"

/** Path from the repository's root → text. */
export type Files = ReadonlyMap<string, string>

export const isSource = (path: string) => path.startsWith("src/") && path.endsWith(".ts")
export const sources = (files: Files): ReadonlyArray<[string, string]> => [...files].filter(([path]) => isSource(path))

/** `file:line what` for every match of a global pattern. */
export function findings(path: string, text: string, pattern: RegExp, what: (match: RegExpMatchArray) => string): ReadonlyArray<string> {
  return [...text.matchAll(pattern)].map((match) => `${path}:${lineAt(text, match.index)} ${what(match)}`)
}

export const lineAt = (text: string, index: number) => text.slice(0, index).split("\n").length

/** The text with comments and, unless kept, the contents of strings and patterns blanked. Positions stay the same. */
export function code(text: string, strings: "kept" | "blank" = "blank"): string {
  const out = [...text]
  const nesting: Array<number> = [] // for each open `${`: how many braces are open inside it
  const blank = (from: number, to: number) => {
    for (let i = from; i < to; i++) if (out[i] !== "\n") out[i] = " "
  }
  const template = (from: number) => {
    const match = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{|$)/y
    match.lastIndex = from
    const found = match.exec(text)!
    const end = match.lastIndex
    if (strings === "blank") blank(from, end - found[1]!.length)
    if (found[1] === "${") nesting.push(0)
    return end
  }
  for (let i = 0; i < text.length; ) {
    const rest = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y
    rest.lastIndex = i
    const found = rest.exec(text)?.[0]
    if (found?.startsWith("/")) {
      blank(i, i + found.length)
      i += found.length
    } else if (found !== undefined) {
      if (strings === "blank") blank(i + 1, i + found.length - 1)
      i += found.length
    } else if (text[i] === "`") {
      i = template(i + 1)
    } else if (text[i] === "/" && patternMayStand(out, i)) {
      const pattern = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\//y
      pattern.lastIndex = i
      const length = pattern.exec(text)?.[0].length ?? 1
      if (strings === "blank") blank(i + 1, i + length - 1)
      i += length
    } else if (nesting.length > 0 && text[i] === "}" && nesting.at(-1) === 0) {
      nesting.pop()
      i = template(i + 1)
    } else {
      if (nesting.length > 0 && text[i] === "{") nesting[nesting.length - 1]! += 1
      if (nesting.length > 0 && text[i] === "}") nesting[nesting.length - 1]! -= 1
      i += 1
    }
  }
  return out.join("")
}

/** The complement of `code`: comments and the contents of strings and patterns. Positions stay the same. */
export function prose(text: string): string {
  const kept = code(text)
  return [...text].map((character, i) => (character === "\n" || kept[i] !== character ? character : " ")).join("")
}

/** A slash begins a pattern where a value may come, and is a division after one. */
function patternMayStand(out: ReadonlyArray<string>, at: number): boolean {
  const before = out
    .slice(Math.max(0, at - 40), at)
    .join("")
    .trimEnd()
  return before === "" || /[(,=:[!&|?{};+\-*%<>~^]$|\b(?:return|typeof|case|in|of)$/.test(before)
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
