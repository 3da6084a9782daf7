/** Collects the licences of the bundled packages, as these require. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** A chapter for each package that the files belong to. */
export const licences = (files: ReadonlyArray<string>): string => {
  const folders = new Set(files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []))
  // The same version may be installed twice, for two packages that depend on it.
  return [opening, ...new Set([...folders].map(chapter).sort())].join("\n\n")
}

const opening = "# Licences\n\nThe command line has these packages inside."

const chapter = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry))
  if (file === undefined) throw new Error(`${name} ${version} (${license}) has no licence file, so it must not be bundled.`)
  return `## ${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`
}
