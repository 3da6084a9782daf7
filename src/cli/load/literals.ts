/**
 * Finds the object literals in JavaScript, TypeScript or JSON text, and the keys in them. It is not a parser: it knows
 * comments, strings, templates, regular expressions and brackets, and takes a block for a literal, which does no harm.
 * What it does not understand it leaves out.
 */

export interface Literal {
  /** The offset of its brace. */
  readonly from: number
  readonly line: number
  /** The nearest literal around it. */
  readonly parent: Literal | undefined
  /** The keys written directly in it, with their lines. */
  readonly keys: Map<string, number>
  /** The value of `id`, if it is a plain string. */
  id?: string
}

interface Bracket {
  readonly closes: string
  readonly literal: Literal | undefined
  /** A key may stand here. */
  wantsKey: boolean
  /** What was found where a key may stand; the next token tells whether it is one. */
  candidate?: { readonly name: string; readonly line: number; readonly isWord: boolean }
  /** The key whose value comes next. */
  key?: string
}

const blank = /\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/uy
const word = /[\p{L}\p{N}_$]+/uy
const text = /"((?:[^"\\\n]|\\[\s\S])*)"|'((?:[^'\\\n]|\\[\s\S])*)'/uy
const pattern = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/uy
const template = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{|$)/uy
const closing: { readonly [open: string]: string } = { "{": "}", "(": ")", "[": "]" }
/** A slash after one of these words begins a regular expression. */
const beforeValue = new Set(["return", "typeof", "case", "in", "of", "default"])

export function literalsIn(source: string): ReadonlyArray<Literal> {
  const literals: Array<Literal> = []
  const open: Array<Bracket> = []
  let line = 1
  let at = 0
  let before = ""
  /** The literal whose `id` was just read, until it is clear that the string is the whole value. */
  let named: Literal | undefined

  const match = (what: RegExp): RegExpExecArray | null => {
    what.lastIndex = at
    const found = what.exec(source)
    if (found === null) return null
    for (let i = at; i < what.lastIndex; i++) if (source.charCodeAt(i) === 10) line++
    at = what.lastIndex
    return found
  }
  const intoTemplate = (): void => {
    if (match(template)?.[1] === "${") open.push({ closes: "`", literal: undefined, wantsKey: false })
  }
  const name = (found: string, isWord: boolean, line: number): void => {
    const top = open.at(-1)
    if (top?.wantsKey === true) top.candidate = { name: found, line, isWord }
    else if (top?.key === "id" && !isWord && before === ":" && top.literal !== undefined) {
      top.literal.id = found
      named = top.literal
      return
    }
    if (top !== undefined) top.wantsKey = false
  }
  const punctuation = (sign: string): void => {
    const top = open.at(-1)
    const { candidate } = top ?? {}
    if (top?.literal !== undefined && candidate !== undefined) {
      const isKey = sign === ":" || (candidate.isWord && (sign === "," || sign === "}"))
      if (isKey) top.literal.keys.set(candidate.name, candidate.line)
      if (sign === ":") top.key = candidate.name
    }
    if (top !== undefined) {
      delete top.candidate
      top.wantsKey = sign === "," && top.literal !== undefined
      if (sign === ",") delete top.key
    }
    if (named !== undefined && !",}".includes(sign)) delete named.id
    const closes = closing[sign]
    if (closes !== undefined) {
      const parent = open.findLast(({ literal }) => literal !== undefined)?.literal
      const literal = sign === "{" ? { from: at - 1, line, parent, keys: new Map<string, number>() } : undefined
      if (literal !== undefined) literals.push(literal)
      open.push({ closes, literal, wantsKey: literal !== undefined })
    } else if (sign === "}" && top?.closes === "`") {
      open.pop()
      intoTemplate()
    } else if (sign === top?.closes) open.pop()
  }

  while (at < source.length) {
    if (match(blank) !== null) continue
    const started = line
    const found = match(text) ?? match(word)
    if (found !== null) {
      const content = found[1] ?? found[2]
      name(content ?? found[0], content === undefined, started)
      if (content === undefined) named = undefined
      before = content === undefined ? found[0] : '"'
      continue
    }
    const sign = source[at]!
    if (sign === "/" && patternMayStart(before) && match(pattern) !== null) {
      before = '"'
      continue
    }
    at++
    if (sign === "`") {
      intoTemplate()
      before = '"'
      continue
    }
    punctuation(sign)
    named = undefined
    before = sign
  }
  return literals
}

/** Whether a slash here begins a regular expression rather than a division. */
const patternMayStart = (before: string): boolean => beforeValue.has(before) || !/^[\p{L}\p{N}_$)\]}"]/u.test(before)
