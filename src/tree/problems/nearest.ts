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
    const distance = distanceOf(normalized(word), normalized(candidate))
    if (distance < least && distance < normalized(candidate).length) [best, least] = [candidate, distance]
  }
  return best
}

/**
 * The path that was most likely meant: a sibling with a similar name; else a path elsewhere that ends in the same id,
 * or in a similar one, in case parts were left out; else another instance of the same pool.
 */
export const nearestPath = (path: string, paths: ReadonlyArray<string>): string | undefined => {
  const [above, id] = split(path)
  const siblings = paths.map(split).filter(([other]) => other === above)
  const idOf = ([, id]: readonly [string, string]): string => id
  const sibling = nearest(id, siblings.map(idOf)) ?? (/^\d+$/.test(id) ? siblings.map(idOf).find((other) => /^\d/.test(other)) : undefined)
  if (sibling !== undefined) return `${above}/${sibling}`
  const elsewhere = (wanted: string | undefined) => paths.find((other) => split(other)[1] === wanted)
  return elsewhere(id) ?? elsewhere(nearest(id, paths.map(split).map(idOf)))
}

/** What is before the last slash, and what after it. */
const split = (path: string): readonly [string, string] => [path.slice(0, path.lastIndexOf("/")), path.slice(path.lastIndexOf("/") + 1)]

/** How many letters must be inserted, deleted, replaced or swapped with the next to turn one word into the other. */
const distanceOf = (from: string, to: string): number => {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  let twoAbove = above
  for (let row = 1; row <= from.length; row++) {
    const line = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1)
      const areSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      const swapped = areSwapped ? twoAbove[column - 2]! + 1 : Infinity
      line.push(Math.min(replaced, swapped, above[column]! + 1, line[column - 1]! + 1))
    }
    twoAbove = above
    above = line
  }
  return above[to.length]!
}
