/**
 * Turns schema issues into problems a person can act on: what was found, what was expected, what was probably meant.
 */
import * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"
import { HIDDEN, isSecret, redactText } from "../redact.ts"
import { choice, type Expectation, listed, meant, type Synonyms, synonym } from "./expectation.ts"
import { at, isRecord, type Keys, type Located, shown, unknownKey } from "./problem.ts"
import { keySynonyms, pacingKeySynonyms, probeKeySynonyms, typeSynonyms } from "./synonyms.ts"

/** All problems in an issue. `input` is what was decoded: issues know their place, but not always the value there. */
export const explain = (input: unknown, issue: SchemaIssue.Issue): ReadonlyArray<Located> =>
  withoutMissing(input, walk(input, issue, [], undefined))

const walk = (input: unknown, issue: SchemaIssue.Issue, keys: Keys, parent: SchemaAST.AST | undefined): ReadonlyArray<Located> => {
  switch (issue._tag) {
    case "Pointer":
      return walk(input, issue.issue, [...keys, ...issue.path], parent)
    case "Composite":
      return issue.issues.flatMap((inner) => walk(input, inner, keys, issue.ast))
    case "Encoding":
      return walk(input, issue.issue, keys, parent)
    case "Filter":
      return [located(input, keys, issue.filter.annotations?.hint ?? { expected: "something else" })]
    case "AnyOf":
      return anyOf(input, issue, keys)
    case "InvalidType":
      return [located(input, keys, hintOf(issue.ast))]
    case "InvalidValue":
      return [located(input, keys, { expected: issue.annotations?.message ?? issue.annotations?.expected ?? "something else" })]
    case "MissingKey":
      return [located(input, keys, hintOf(propertyOf(parent, keys[keys.length - 1])))]
    case "UnexpectedKey":
      return [unexpected(keys, issue.ast, at(input, keys.slice(0, -1)))]
    case "Forbidden":
    case "OneOf":
      return [located(input, keys, { expected: "something else" })]
  }
}

const located = (input: unknown, keys: Keys, hint: Expectation): Located => {
  const found = convertible(at(input, keys))
  const safe = redacted(keys, found)
  const suggestion = found === undefined || safe === HIDDEN ? undefined : hint.suggest?.(safe)
  const expected = typeof hint.expected === "string" ? hint.expected : hint.expected(found)
  return { keys, found: shown(safe), expected, ...(suggestion === undefined ? {} : { suggestion }) }
}

/** Of `env` and `headers`, what the name says is a secret is hidden whatever it is, and so is what is no text. */
const redacted = (keys: Keys, found: unknown): unknown => {
  const [owner, name] = keys.slice(-2)
  const isValue = owner === "env" || owner === "headers"
  if (isValue && found !== undefined && (isSecret(String(name)) || isObject(found))) return HIDDEN
  return typeof found === "string" ? redactText(found) : found
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null

/**
 * Hints convert the value to text. A value that cannot be converted, because it has its own key `toString`, is shown as
 * an empty object.
 */
const convertible = (found: unknown): unknown => {
  try {
    if (typeof found === "object") String(found)
    return found
  } catch {
    return {}
  }
}

// ---------------------------------------------------------------- unions

/**
 * A union of objects told apart by `type`: the mistake is in the object of that type, or in `type` itself. A list in a
 * place for a list, or an object in a place for options: it is in them. Any other union: no member is closer than the
 * others, so all are named.
 */
const anyOf = (input: unknown, issue: SchemaIssue.AnyOf, keys: Keys): ReadonlyArray<Located> => {
  const variants = variantsOf(issue.ast)
  const found = at(input, keys)
  if (Array.isArray(found) && issue.ast.types.some((member) => SchemaAST.isArrays(SchemaAST.toEncoded(member)))) {
    return issue.issues.flatMap((inner) => walk(input, inner, keys, undefined))
  }
  if (isRecord(found) && issue.ast.types.map(SchemaAST.toEncoded).some(isOptions)) {
    return issue.issues.flatMap((inner) => walk(input, inner, keys, undefined))
  }
  if (variants.size === 0 || !isRecord(found)) return [located(input, keys, hintOf(issue.ast))]
  if (variants.has(String(found.type))) return issue.issues.flatMap((inner) => walk(input, inner, keys, undefined))
  const isShorthand = issue.ast.types
    .map(SchemaAST.toEncoded)
    .some((member) => SchemaAST.isLiteral(member) && member.literal === found.type)
  if (isShorthand) return [{ ...located(input, keys, hintOf(issue.ast)), suggestion: JSON.stringify(found.type) }]
  const problem = located(input, [...keys, "type"], typeHint([...variants.keys()]))
  const meant = found.type === undefined ? likeliest(found, variants) : undefined
  return [meant === undefined ? problem : { ...problem, suggestion: JSON.stringify(meant) }]
}

/** An object all of whose keys may be left out: any object was meant as that. */
const isOptions = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isObjects(ast) && ast.propertySignatures.length > 0 && ast.propertySignatures.every(({ type }) => SchemaAST.isOptional(type))

/** The type that knows most of the keys, if there is one; or the type that a key of another tool names. */
const likeliest = (found: object, variants: ReadonlyMap<string, SchemaAST.Objects>): string | undefined => {
  const keys = Object.keys(found)
  const known = [...variants].map(([type, ast]) => ({ type, count: keysOf(ast).filter((key) => keys.includes(key)).length }))
  const [first, second] = known.sort((a, b) => b.count - a.count)
  if (first !== undefined && first.count > (second?.count ?? 0)) return first.type
  return keys.flatMap((key) => (variants.has(key) ? key : (synonym(typeSynonyms, key) ?? []))).find((type) => variants.has(type))
}

const typeHint = (types: ReadonlyArray<string>): Expectation => choice(types, { process: "worker", ...typeSynonyms }).hint

/** The members of a union that have a literal `type`, by its value. */
const variantsOf = (union: SchemaAST.Union): Map<string, SchemaAST.Objects> => {
  const variants = new Map<string, SchemaAST.Objects>()
  for (const member of union.types.map(SchemaAST.toEncoded)) {
    const type = propertyOf(member, "type")
    if (SchemaAST.isUnion(member)) for (const [inner, ast] of variantsOf(member)) variants.set(inner, ast)
    if (SchemaAST.isObjects(member) && type !== undefined && SchemaAST.isLiteral(type)) variants.set(String(type.literal), member)
  }
  return variants
}

// ---------------------------------------------------------------- keys

const keysOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  SchemaAST.isObjects(ast) ? ast.propertySignatures.map((property) => String(property.name)) : []

const propertyOf = (ast: SchemaAST.AST | undefined, key: PropertyKey | undefined): SchemaAST.AST | undefined => {
  if (ast === undefined) return undefined
  if (SchemaAST.isArrays(ast)) return typeof key === "number" ? (ast.elements[key] ?? ast.rest[0]) : undefined
  return SchemaAST.isObjects(ast) ? ast.propertySignatures.find((property) => property.name === key)?.type : undefined
}

const unexpected = (keys: Keys, ast: SchemaAST.AST, owner: unknown): Located => {
  const encoded = SchemaAST.toEncoded(ast)
  if (SchemaAST.isObjects(encoded) && encoded.indexSignatures[0] !== undefined) {
    // The name itself is wrong, so it is not used in a path.
    const expected = hintOf(encoded.indexSignatures[0].parameter).expected
    return { keys: keys.slice(0, -1), found: shown(String(keys[keys.length - 1])), expected: String(expected) }
  }
  const known = keysOf(encoded)
  const key = meant(String(keys[keys.length - 1]), known, synonymsFor(known))
  const expected = `one of ${listed(known.filter((name) => name !== "type"))}`
  const free = key !== undefined && !(isRecord(owner) && Object.hasOwn(owner, key))
  return { keys, found: unknownKey, expected, ...(free ? { suggestion: JSON.stringify(key) } : {}) }
}

/**
 * Only checks have a `timeout`; and a breaker, a start gate and an adaptive backoff have one key each that nothing else
 * has.
 */
const synonymsFor = (known: ReadonlyArray<string>): Synonyms => {
  if (known.includes("timeout")) return probeKeySynonyms
  return ["probeEvery", "burst", "halfLife"].some((key) => known.includes(key)) ? pacingKeySynonyms : keySynonyms
}

/** A key that is missing because it was misspelt is one mistake, not two. */
const withoutMissing = (input: unknown, problems: ReadonlyArray<Located>): ReadonlyArray<Located> => {
  const misspelt = problems.filter(({ found, suggestion }) => found === unknownKey && suggestion !== undefined)
  const meant = new Set(misspelt.map(({ keys, suggestion }) => JSON.stringify([...keys.slice(0, -1), JSON.parse(suggestion!)])))
  return problems.filter(({ keys }) => at(input, keys) !== undefined || !meant.has(JSON.stringify(keys)))
}

// ---------------------------------------------------------------- expectations

/** What a schema expects: its own hint, or that of what it is decoded from, or the name of its type. */
const hintOf = (ast: SchemaAST.AST | undefined): Expectation => {
  if (ast === undefined) return { expected: "something else" }
  const own = SchemaAST.resolveAt<Expectation>("hint")(ast)
  if (own !== undefined) return own
  const encoded = SchemaAST.toEncoded(ast)
  if (encoded !== ast) return hintOf(encoded)
  if (SchemaAST.isSuspend(ast)) return hintOf(ast.thunk())
  return { expected: typeName(ast) }
}

const typeName = (ast: SchemaAST.AST): string => {
  switch (ast._tag) {
    case "Literal":
      return JSON.stringify(ast.literal)
    case "Union":
      return listed(ast.types.map(typeName))
    case "String":
      return "a string"
    case "Number":
      return "a number"
    case "Boolean":
      return "true or false"
    case "Arrays":
      return "a list"
    case "Objects":
      return "an object"
    default:
      return "something else"
  }
}
