#!/usr/bin/env node
// In a clone: starts the command line as `npm ci` or `npm run build` has built it, in half the time, or the sources
// themselves as soon as one of them is newer. The published package has program.js in this place.
import { readdirSync, statSync } from "node:fs"

const changed = (path) => statSync(new URL(path, import.meta.url)).mtimeMs

/** Not before these did one of the sources change, appear or disappear. */
function sourcesChanged() {
  const sources = readdirSync(new URL("../src", import.meta.url), { recursive: true })
  return Math.max(...["program.js", "supervise.js", "../package.json", "../src", ...sources.map((name) => `../src/${name}`)].map(changed))
}

function isBuilt() {
  try {
    return changed("../dist/package.json") > sourcesChanged() // it is written last
  } catch {
    return false
  }
}

await import(isBuilt() ? "../dist/bin/supervise.js" : "./program.js")
