/** Bugs in the image of a tree: what is lost or comes back in another order. */
import type { Mutant } from "../../Mutant.ts"

export const images: ReadonlyArray<Mutant> = [
  {
    name: "image: the restart window is not restored",
    file: "core/Image.ts",
    from: "window: { entries: [...taken.window], from: 0 },",
    to: "window: { entries: [], from: 0 },",
    properties: /^restored: .* counts/
  },
  {
    name: "image: the records of children that are gone are not restored",
    file: "core/Image.ts",
    from: "for (const [path, record] of records) all.set(path, record)",
    to: "for (const [path, record] of records) all.set(path, { ...record, incarnation: 0 })",
    properties: /^restored: the incarnation of .* goes back/
  },
  {
    name: "image: a child that waits for a sibling is forgotten by it",
    file: "core/Image.ts",
    from: "into(sup.pendingOnNeed, taken.pendingOnNeed)",
    to: "void taken.pendingOnNeed",
    properties: /^restored: .* does not come to rest/
  },
  {
    name: "image: of a list only one piece is read",
    file: "codec/image.ts",
    from: "list.push(...value.entries)",
    to: "list.splice(0, list.length, ...value.entries.slice(0, 1))",
    properties: /^restored: illegal state/
  }
]
