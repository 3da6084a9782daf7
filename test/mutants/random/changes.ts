/** All the changes of one token that can be made to a source file. */
import { parseAst } from "rolldown/parseAst"
import { type ESTree, Visitor, type VisitorObject } from "rolldown/utils"
import type { Change, Kind } from "./Change.ts"

const comparisons: Record<string, ReadonlyArray<string>> = {
  "<": ["<=", ">="],
  ">": [">=", "<="],
  "<=": ["<", ">"],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="]
}
const opposites: Record<string, string> = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "/=": "*=",
  "&&": "||",
  "||": "&&"
}
const otherMethods: Record<string, string> = {
  min: "max",
  max: "min",
  some: "every",
  every: "some",
  floor: "ceil",
  ceil: "floor",
  push: "unshift",
  shift: "pop",
  pop: "shift",
  startsWith: "endsWith",
  endsWith: "startsWith",
  indexOf: "lastIndexOf",
  lastIndexOf: "indexOf",
  findLast: "find"
}
/** Of these only the object is left. */
const dispensable = new Set(["filter", "slice", "toReversed", "reverse", "sort", "toSorted", "trim", "trimEnd"])

/** Guards at the start of the core: nothing works without them. */
const firstOnes = new Set(["tree", "sup", "child"])

type Node = ESTree.Node
type Add = (kind: Kind, node: Pick<Node, "start" | "end">, to: string) => void
type At = (node: Node) => string

/** In the order of the text. A few are no valid programs: see `parses`. */
export function changesIn(text: string): ReadonlyArray<Change> {
  const found: Array<Change> = []
  const at: At = ({ start, end }) => text.slice(start, end)
  const add: Add = (kind, { start, end }, to) => {
    if (to !== text.slice(start, end)) found.push({ kind, start, end, to })
  }
  new Visitor({ ...operators(text, at, add), ...statements(at, add), ...values(add), ...calls(text, at, add) }).visit(parsed(text))
  return found.toSorted((a, b) => a.start - b.start || a.end - b.end)
}

export const applied = (text: string, { start, end, to }: Change): string => text.slice(0, start) + to + text.slice(end)

const parsed = (text: string) => parseAst(text, { lang: "ts" })

export function parses(text: string): boolean {
  try {
    return parsed(text) !== undefined
  } catch {
    return false
  }
}

function operators(text: string, at: At, add: Add): VisitorObject {
  const operator = (kind: Kind, node: { left: Node; right: Node; operator: string }, to: string | undefined) => {
    const start = text.indexOf(node.operator, node.left.end)
    if (to !== undefined && start < node.right.start) add(kind, { start, end: start + node.operator.length }, to)
  }
  return {
    BinaryExpression(node) {
      for (const to of comparisons[node.operator] ?? []) operator("comparison", node, to)
      if (!isText(node)) operator("arithmetic", node, opposites[node.operator])
    },
    AssignmentExpression: (node) => operator("arithmetic", node, opposites[node.operator]),
    UpdateExpression: (node) =>
      add(
        "arithmetic",
        node,
        at(node).replace(/\+\+|--/, (sign) => (sign === "++" ? "--" : "++"))
      ),
    LogicalExpression(node) {
      if (node.operator === "??") return add("nullish", node, at(node.left))
      operator("logic", node, opposites[node.operator])
      add("operand", node, at(node.left))
      add("operand", node, at(node.right))
    },
    UnaryExpression(node) {
      if (node.operator === "!") add("negation", node, at(node.argument))
      if (node.operator === "-" && node.argument.type !== "Literal") add("arithmetic", node, at(node.argument))
    }
  }
}

/** `+` also joins strings. */
function isText(node: Node): boolean {
  if (node.type === "BinaryExpression") return node.operator === "+" && (isText(node.left) || isText(node.right))
  return node.type === "TemplateLiteral" || (node.type === "Literal" && typeof node.value === "string")
}

function statements(at: At, add: Add): VisitorObject {
  const remove = (node: Node) => add("statement", node, ";")
  return {
    IfStatement(node) {
      add("condition", node.test, `!(${at(node.test)})`)
      add("statement", node, node.alternate === null ? ";" : at(node.consequent))
    },
    ConditionalExpression(node) {
      add("condition", node, `(${at(node.consequent)})`)
      add("condition", node, `(${at(node.alternate)})`)
    },
    ExpressionStatement(node) {
      const { expression } = node
      if (expression.type !== "Literal") remove(node)
      // Elsewhere the type check would nearly always notice a missing await.
      if (expression.type === "YieldExpression" && expression.delegate) add("await", expression, at(expression.argument!))
    },
    AwaitExpression: (node) => add("await", node, at(node.argument)),
    ForOfStatement: remove,
    WhileStatement: remove,
    BreakStatement: remove,
    ContinueStatement: remove
  }
}

function values(add: Add): VisitorObject {
  /** Indices, types and names: other numbers there are no typical mistakes. */
  const left = new Set<number>()
  return {
    MemberExpression: (node) => void left.add(node.property.start),
    TSLiteralType: ({ literal }) => void left.add(literal.type === "UnaryExpression" ? literal.argument.start : literal.start),
    Property: (node) => void left.add(node.key.start),
    Literal(node) {
      if (left.has(node.start)) return
      if (typeof node.value === "boolean") add("constant", node, String(!node.value))
      if (typeof node.value !== "number") return
      add("constant", node, node.value === 0 ? "1" : node.value === 1 ? "0" : String(node.value + 1))
      if (node.value > 1) add("constant", node, String(Math.floor(node.value / 2)))
    },
    ObjectExpression(node) {
      for (const part of node.properties)
        if (part.type === "SpreadElement" && part.argument.type === "ConditionalExpression") add("property", part, "...{}")
    }
  }
}

function calls(text: string, at: At, add: Add): VisitorObject {
  return {
    CallExpression(node) {
      const [a, b] = node.arguments
      // Only what looks alike: most others have other types. The order of numbers of which one is the largest is no
      // matter.
      const isAlike = a !== undefined && b?.type === a.type && !/Spread|Function|ObjectExpression/.test(a.type)
      if (isAlike && !firstOnes.has(at(a)) && !/^Math\.(?:max|min)$/.test(at(node.callee)))
        add("arguments", { start: a.start, end: b.end }, at(b) + text.slice(a.end, b.start) + at(a))
      if (node.callee.type !== "MemberExpression" || node.callee.property.type !== "Identifier") return
      const { object, property } = node.callee
      const other = otherMethods[property.name]
      if (other !== undefined) add("method", property, other)
      if (dispensable.has(property.name)) add("method", node, at(object))
    }
  }
}
