/**
 * Finds the object literals of a program: on which line each begins, and which keys are written in it. Acorn reads
 * JavaScript; types are blanked out before, so everything else keeps its position. Only the process that evaluates a
 * tree file loads the two, and only when lines are requested.
 */
import { stripTypeScriptTypes } from "node:module"
import { extname } from "node:path"
import { type CallExpression, type Node, type ObjectExpression, type Program, type Property, parse } from "acorn"
import type { Literal, Literals } from "./locations.ts"

/** Throws when it is no program. The extension of the file says whether there are types in it. */
export function literalsIn(source: string, file: string): Literals {
  const all: Array<Literal> = []
  const callsWith = new Map<Node, string>()
  const arguments_ = new Map<string, Literal>()
  const visit = (node: Node, parent: Literal | undefined): void => {
    let around = parent
    if (isCall(node)) {
      const [first] = node.arguments
      if (first !== undefined) callsWith.set(first, positionOf(node))
    }
    if (isObject(node)) {
      around = literalOf(node, parent)
      all.push(around)
      const call = callsWith.get(node)
      if (call !== undefined) arguments_.set(call, around)
    }
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) for (const child of value) if (isNode(child)) visit(child, around)
      if (isNode(value)) visit(value, around)
    }
  }
  visit(programIn(/^\.[mc]?ts$/.test(extname(file)) ? stripTypeScriptTypes(source) : source), undefined)
  return { all, argument: (line, column) => arguments_.get(`${line}:${column}`) }
}

/** Where a text is neither a module nor CommonJS; undefined if it is one of them. */
export function parseError(source: string): ParseError | undefined {
  try {
    programIn(source)
    return undefined
  } catch {
    try {
      parse(source, { ...options, sourceType: "module" })
      return undefined
    } catch (error) {
      return error as ParseError
    }
  }
}

interface ParseError extends SyntaxError {
  /** An offset. */
  readonly pos: number
  readonly loc: { readonly line: number }
}

const options = { ecmaVersion: "latest", locations: true } as const

/** Tries sloppy CommonJS too, which may for example return from the file. */
function programIn(source: string): Program {
  try {
    return parse(source, { ...options, sourceType: "module" })
  } catch {
    return parse(source, { ...options, sourceType: "commonjs" })
  }
}

function literalOf({ loc, properties }: ObjectExpression, parent: Literal | undefined): Literal {
  const written = properties.filter((property) => property.type === "Property").filter(isPlain)
  const keys = new Map(written.map((property) => [nameOf(property), lineOf(property)]))
  const id = written.find((property) => nameOf(property) === "id")?.value
  const isText = id?.type === "Literal" && typeof id.value === "string"
  return { line: loc!.start.line, parent, keys, ...(isText ? { id: String(id.value) } : {}) }
}

const isPlain = ({ computed, method, kind }: Property): boolean => !computed && !method && kind === "init"
const nameOf = ({ key }: Property): string => (key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : "")
const lineOf = ({ loc }: Node): number => loc!.start.line

/** Where V8 says that a call is: at the name of what is called. Both counted from 1. */
function positionOf({ callee }: CallExpression): string {
  const { line, column } = (callee.type === "MemberExpression" ? callee.property : callee).loc!.start
  return `${line}:${column + 1}`
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && "type" in value
const isCall = (node: Node): node is CallExpression => node.type === "CallExpression"
const isObject = (node: Node): node is ObjectExpression => node.type === "ObjectExpression"
