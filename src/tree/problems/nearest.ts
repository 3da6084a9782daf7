/** Finds the known word that a misspelt one was most likely meant to be. */

/** `one_for_one`, `one-for-one` and `oneforone` all match `OneForOne`. */
const normalized = (word: string): string => word.toLowerCase().replace(/[\s_-]/g, "")

/** Longer words are no misspelling of ours, and comparing them would take quadratic time. */
const longestWord = 40

/** Undefined if none is near: at most every third letter may differ. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  if (word.length > longestWord) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(normalized(word).length / 3)) + 1
  for (const candidate of known) {
    const distance = levenshtein(normalized(word), normalized(candidate))
    if (distance < least && distance < normalized(candidate).length) [best, least] = [candidate, distance]
  }
  return best
}

/**
 * The path that was most likely meant: a sibling with a similar name; else a path elsewhere that ends in the same id,
 * in case parts were left out; else the path whose letters differ least.
 */
export const nearestPath = (path: string, paths: ReadonlyArray<string>): string | undefined => {
  const [above, id] = split(path)
  const siblings = paths.map(split).filter(([other]) => other === above)
  const sibling = nearest(
    id,
    siblings.map(([, other]) => other)
  )
  if (sibling !== undefined) return `${above}/${sibling}`
  return paths.find((other) => split(other)[1] === id) ?? nearest(path, paths)
}

/** What is before the last slash, and what after it. */
const split = (path: string): readonly [string, string] => [path.slice(0, path.lastIndexOf("/")), path.slice(path.lastIndexOf("/") + 1)]

/** How many letters must be inserted, deleted or replaced to turn one word into the other. */
const levenshtein = (from: string, to: string): number => {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const line = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1)
      line.push(Math.min(replaced, above[column]! + 1, line[column - 1]! + 1))
    }
    above = line
  }
  return above[to.length]!
}
