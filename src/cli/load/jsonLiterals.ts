/**
 * The object literals of a JSON text, and where a text is no JSON. Loaded when wanted: reading a tree needs neither.
 */
import { type JSONVisitor, visit } from "jsonc-parser"
import type { Literal } from "./locations.ts"

/** The parser recurses; of a text that is nested too deeply to be a tree, it finds only some. */
export function literalsInJson(source: string): ReadonlyArray<Literal> {
  const all: Array<Literal & { id?: string }> = []
  const open: Array<(typeof all)[number]> = []
  let key: string | undefined
  visitAll(source, {
    onObjectBegin: (_offset, _length, line) => {
      const literal = { line: line + 1, parent: open.at(-1), keys: new Map<string, number>() }
      all.push(literal)
      open.push(literal)
      key = undefined
    },
    onObjectProperty: (name, _offset, _length, line) => {
      open.at(-1)?.keys.set(name, line + 1)
      key = name
    },
    onLiteralValue: (value) => {
      const literal = open.at(-1)
      if (key === "id" && literal !== undefined && typeof value === "string") literal.id = value
      key = undefined
    },
    onArrayBegin: () => {
      key = undefined
    },
    onObjectEnd: () => {
      open.pop()
    }
  })
  return all
}

/** Both counted from 1; undefined if it is JSON, or nested too deeply. */
export function firstError(source: string): { readonly line: number; readonly column: number } | undefined {
  let first: ReturnType<typeof firstError>
  visitAll(source, {
    onError: (_error, _offset, _length, line, column) => {
      first ??= { line: line + 1, column: column + 1 }
    }
  })
  return first
}

function visitAll(source: string, visitor: JSONVisitor): void {
  try {
    visit(source, visitor, { disallowComments: true })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
}
