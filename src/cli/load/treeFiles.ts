/** Which files can be tree files. */
import { statSync } from "node:fs"

export const extensions = [".ts", ".mts", ".js", ".mjs", ".json"]

/** The tree file in this folder, if it has the usual name. */
export const treeFileHere = (): string | undefined =>
  extensions.map((extension) => `tree${extension}`).find((name) => statSync(name, { throwIfNoEntry: false })?.isFile())
