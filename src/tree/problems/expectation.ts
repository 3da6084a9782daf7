/**
 * What a schema expects, in words for a person, and what was probably meant. Carried by the schema as the annotation
 * `hint`.
 */
import { nearest } from "./nearest.ts"

export interface Expectation {
  /** Completes "found …, expected …". */
  readonly expected: string | ((found: unknown) => string)
  /** Completes "Did you mean …?". */
  readonly suggest?: (found: unknown) => string | undefined
}

declare module "effect/Schema" {
  namespace Annotations {
    interface Annotations {
      readonly hint?: Expectation | undefined
    }
  }
}

/** Annotations for a schema. A fixed expectation also becomes the description in the JSON Schema. */
export const expectation = (expected: Expectation["expected"], suggest?: Expectation["suggest"]) => ({
  hint: suggest === undefined ? { expected } : { expected, suggest },
  ...(typeof expected === "string" ? { description: expected } : {})
})

/** `"a", "b" or "c"`. */
export const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`

/** Annotations for a choice between words. `synonyms`: what other tools call them, in lower case. */
export const choice = (words: ReadonlyArray<string>, synonyms: Synonyms = {}) =>
  expectation(listed(words.map((word) => JSON.stringify(word))), (found) => {
    const word = typeof found === "object" ? undefined : meant(String(found), words, synonyms)
    return word === undefined ? undefined : JSON.stringify(word)
  })

/** Words of other tools, and ours for them. */
export interface Synonyms {
  readonly [word: string]: string
}

/** Our word for exactly this one. */
export const synonym = (synonyms: Synonyms, found: unknown): string | undefined => {
  const word = String(found).toLowerCase()
  return Object.hasOwn(synonyms, word) ? synonyms[word] : undefined
}

/** The known word that was meant, also by a misspelt synonym. */
export const meant = (word: string, known: ReadonlyArray<string>, synonyms: Synonyms): string | undefined => {
  const others = Object.keys(synonyms).filter((other) => known.includes(synonyms[other]!))
  const names = others.filter((other) => !/^\d+$/.test(other)) // a number is not the misspelling of another
  const near = others.find((other) => other === word.toLowerCase()) ?? nearest(word, [...known, ...names])
  return near === undefined || known.includes(near) ? near : synonyms[near]
}
