/** An import that failed as half a sentence: what it names, on which line, and what to write instead. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { FailedImport } from "./hooks.ts"

export const describeImport = (error: Error, { specifier, parent }: FailedImport, file: string): string => {
  const importer = parent?.startsWith("file:") ? fileURLToPath(parent) : file
  const by = importer === file ? "it" : relative(dirname(file), importer)
  const at = lineOf(importer, specifier)
  const code = "code" in error ? error.code : undefined
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND" && code !== "ERR_UNSUPPORTED_DIR_IMPORT")
    return `${by} imports "${specifier}", which fails${at}: ${error.message.replace(/\.$/, "")}.`
  const isPath = /^(?:\.{1,2}(?:\/|$)|\/|file:)/.test(specifier)
  const target = isPath ? pathOf(specifier, importer) : undefined
  const what = target === undefined ? `"${specifier}"` : relative(dirname(file), target)
  const trouble = target === undefined ? "not installed here" : code === "ERR_UNSUPPORTED_DIR_IMPORT" ? "a folder" : "not there"
  return `${by} imports ${what}, which is ${trouble}${at}.${target === undefined ? aliasHint(specifier, importer, file) : pathHint(target, importer, file)}`
}

const pathOf = (specifier: string, importer: string): string =>
  specifier.startsWith("file:") ? fileURLToPath(specifier) : resolve(dirname(importer), specifier.replace(/[?#].*$/s, ""))

/** ` (line 3)`; the first line that imports it, if one does so in so many words. */
const lineOf = (importer: string, specifier: string): string => {
  try {
    const lines = readFileSync(importer, "utf8").split("\n")
    const names = [`"${specifier}"`, `'${specifier}'`]
    const index = lines.findIndex((line) => names.some((name) => line.includes(name)) && /\b(?:import|from|export|require)\b/.test(line))
    return index < 0 ? "" : ` (line ${index + 1})`
  } catch {
    return ""
  }
}

// ---------------------------------------------------------------- what was meant

/** Compilers and bundlers find a file by another ending, or none; Node does not. */
const pathHint = (target: string, importer: string, file: string): string => {
  const near = nearest(target)
  return near === undefined ? "" : ` ${there(near, importer, file)}, with the ending that the file has.`
}

/** `@/lib/web`, or a name that starts at the project's folder: tsconfig.json may say what it stands for. */
const aliasHint = (specifier: string, importer: string, file: string): string => {
  const config = configAbove(dirname(importer))
  const isAlias = /^[@~]\//.test(specifier) || (config !== undefined && hasAlias(config, specifier))
  const folders = [dirname(importer), ...(config === undefined ? [] : [dirname(config), join(dirname(config), "src")])]
  const inside = specifier.replace(/^[@~#]\//, "")
  const near =
    isAlias || specifier.includes("/") ? folders.map((folder) => nearest(resolve(folder, inside))).find((found) => found) : undefined
  const rule = " The paths of tsconfig.json are not read"
  if (near !== undefined) return ` ${there(near, importer, file)}.${isAlias ? `${rule}.` : ""}`
  return isAlias ? `${rule}: write a relative path.` : ""
}

/** `There is lib/web.ts: write "./lib/web.ts"`, as seen from the tree file and from the file that imports it. */
const there = (near: string, importer: string, file: string): string => {
  const from = relative(dirname(importer), near)
  return `There is ${relative(dirname(file), near)}: write ${JSON.stringify(from.startsWith(".") ? from : `./${from}`)}`
}

const ENDINGS = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json"]

/** The file that a compiler would have found. */
const nearest = (target: string): string | undefined => {
  const typed = target.replace(/\.([mc]?)js$/, ".$1ts")
  return [typed, ...ENDINGS.map((ending) => target + ending), ...ENDINGS.map((ending) => join(target, `index${ending}`))].find(isFile)
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

const configAbove = (folder: string): string | undefined => {
  const config = join(folder, "tsconfig.json")
  if (existsSync(config)) return config
  return dirname(folder) === folder ? undefined : configAbove(dirname(folder))
}

/** Whether one of the `paths` is for this name. It may have comments, so it is only searched. */
const hasAlias = (config: string, specifier: string): boolean => {
  const paths = /"paths"\s*:\s*\{([^}]*)\}/.exec(readFileSync(config, "utf8"))?.[1] ?? ""
  return [...paths.matchAll(/"([^"]+)"\s*:/g)].some(([, name = ""]) =>
    name.endsWith("*") ? specifier.startsWith(name.slice(0, -1)) && name !== "*" : name === specifier
  )
}
