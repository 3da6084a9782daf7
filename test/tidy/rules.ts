/**
 * The house rules. Each is a pure function from the files of the repository to a list of offences, `file:line what`.
 */
import { posix } from "node:path"
import { code, type Files, findings, imports, isSource, packageOf, prose, sources } from "./source.ts"

export type Rule = (files: Files) => ReadonlyArray<string>

const lines = (text: string) => text.replace(/\n$/, "").split("\n")

// ---------------------------------------------------------------- which room may import which

const rooms = new Map([
  ["tree", 0],
  ["core", 1],
  ["codec", 2],
  ["leaf", 3],
  ["runtime", 4],
  ["sim", 4],
  ["observe", 5],
  ["http", 6],
  ["install", 6],
  ["embed", 7],
  ["hosts", 7],
  ["cli", 8],
  ["notify", 8]
])

/** The public entry points. They may import every room, and no room imports them. */
export const faces = ["src/index.ts", "src/client.ts", "src/notify/notify.ts", "src/testing.ts", "src/fast-check.ts"]
/** Modules that are started by name rather than imported. */
export const entries = [...faces, "src/cli/main.ts", "src/cli/load/evaluatorProcess.ts"]

const roomOf = (file: string) => (faces.includes(file) ? "the face" : file.split("/").length > 2 ? file.split("/")[1]! : file)
const numberOf = (file: string) => (faces.includes(file) ? 9 : rooms.get(roomOf(file)))

export const everyFileIsInARoom: Rule = (files) =>
  sources(files).flatMap(([path]) => (numberOf(path) === undefined ? [`${path}:1 is in no room of the house`] : []))

export const importsPointInward: Rule = (files) =>
  sources(files).flatMap(([path, text]) =>
    imports(path, text).flatMap(({ line, file }) => {
      if (file === undefined || roomOf(file) === roomOf(path)) return []
      const [from, to] = [numberOf(path), numberOf(file)]
      if (file === "package.json" && roomOf(path) === "cli") return [] // `--version`
      if (!isSource(file)) return [`${path}:${line} imports ${file}, which is not under src`]
      return from === undefined || to === undefined || to < from ? [] : [`${path}:${line} ${roomOf(path)} must not know ${roomOf(file)}`]
    })
  )

export const noImportCycles: Rule = (files) => {
  const known = new Map(sources(files).map(([path, text]) => [path, imports(path, text)]))
  const finished = new Set<string>()
  const offences: Array<string> = []
  const visit = (path: string, trail: ReadonlyArray<string>) => {
    for (const { file, line } of known.get(path) ?? []) {
      if (file === undefined || finished.has(file)) continue
      const at = [...trail, path].indexOf(file)
      if (at >= 0) offences.push(`${path}:${line} closes the circle ${[...[...trail, path].slice(at), file].join(" → ")}`)
      else visit(file, [...trail, path])
    }
    finished.add(path)
  }
  for (const path of known.keys()) if (!finished.has(path)) visit(path, [])
  return offences
}

export const noDeadFiles: Rule = (files) => {
  const alive = new Set<string>()
  const visit = (path: string) => {
    const text = files.get(path)
    if (text === undefined || alive.has(path)) return
    alive.add(path)
    for (const { file } of imports(path, text)) if (file !== undefined) visit(file)
    for (const match of code(text, "kept").matchAll(/new URL\(\s*"(\.[^"]+)",\s*import\.meta\.url/g))
      visit(posix.join(posix.dirname(path), match[1]!))
  }
  entries.forEach(visit)
  return sources(files).flatMap(([path]) => (alive.has(path) ? [] : [`${path}:1 is reached from no entry (${entries.join(", ")})`]))
}

/** A cheap check: the name occurs in another file, or an entry point exports all of its file. */
export const everyExportIsUsed: Rule = (files) => {
  const users = new Map<string, Set<string>>()
  for (const [path, text] of files) {
    if (!/^(src|test|bench|supervisors|examples)\/.*\.ts$/.test(path)) continue
    for (const [word] of code(text).matchAll(/[\w$]+/g)) users.set(word, (users.get(word) ?? new Set()).add(path))
  }
  const open = new Set(faces.flatMap((face) => imports(face, files.get(face) ?? "").flatMap((one) => (one.everything ? [one.file] : []))))
  const declaration =
    /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:const|let|function\*?|class|type|interface|enum)\s+([\w$]+)/gm
  return sources(files)
    .flatMap(([path, text]) =>
      faces.includes(path) || open.has(path)
        ? []
        : findings(path, code(text), declaration, (match) => match[1]!).filter((offence) => users.get(offence.split(" ")[1]!)!.size < 2)
    )
    .map((offence) => `${offence} is used in no other file; it need not be exported`)
}

// ---------------------------------------------------------------- what each room may use

const impure =
  /\bDate\.now\b|\bnew Date\b|(?<![.\w$])performance\b|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\b|(?<![.\w$])process\.|\bawait\b|\basync\b/g

export const coreIsPure: Rule = (files) =>
  sources(files)
    .filter(([path]) => path.startsWith("src/core/"))
    .flatMap(([path, text]) => [
      ...findings(path, code(text), impure, ([word]) => `core knows no ${word}`),
      ...imports(path, text)
        .filter(({ specifier, typeOnly }) => specifier.startsWith("node:") || (!typeOnly && /^(@effect|effect)(\/|$)/.test(specifier)))
        .map(({ line, specifier }) => `${path}:${line} core knows no ${specifier}`)
    ])

export const constructorsLoadNothing: Rule = (files) =>
  sources(files)
    .filter(([path]) => path === "src/tree/constructors.ts")
    .flatMap(([path, text]) =>
      imports(path, text).flatMap(({ line, specifier, typeOnly }) => (typeOnly ? [] : [`${path}:${line} loads ${specifier}`]))
    )

export const simIsSeeded: Rule = (files) =>
  sources(files)
    .filter(([path]) => path.startsWith("src/sim/"))
    .flatMap(([path, text]) => findings(path, code(text), /\bMath\.random\b|\bDate\.now\b/g, ([word]) => `${word} cannot be replayed`))

export const noBarrels: Rule = (files) =>
  sources(files).flatMap(([path, text]) =>
    imports(path, text)
      .filter(({ specifier, typeOnly }) => !typeOnly && (specifier === "effect" || specifier === "@effect/platform-node"))
      .map(({ line, specifier }) => `${path}:${line} loads all of ${specifier}; import the module, "${specifier}/…"`)
  )

/** A signal to pid −1 goes to every process there is. So only one file sends signals, and it checks the pid first. */
export const oneFileSendsSignals: Rule = (files) => {
  const senders = sources(files).map(
    ([path, text]) => [path, findings(path, code(text), /\bprocess\.kill\s*\(|\bkill\(\s*-/g, () => "sends a signal")] as const
  )
  const inLeaf = senders.filter(([path, found]) => path.startsWith("src/leaf/") && found.length > 0)
  const elsewhere = senders.filter(([path]) => !path.startsWith("src/leaf/"))
  return [...elsewhere, ...(inLeaf.length > 1 ? inLeaf : [])].flatMap(([, found]) => found)
}

export const printingIsForTheCommandLine: Rule = (files) =>
  sources(files)
    .filter(([path]) => !path.startsWith("src/cli/"))
    .flatMap(([path, text]) => findings(path, code(text), /\bconsole\.log\b/g, ([word]) => word))

// ---------------------------------------------------------------- words

export const noEmptyWords: Rule = (files) =>
  sources(files).flatMap(([path, text]) => [
    ...findings(
      path,
      path,
      /[^/]*(?:Manager|Helper|Util(?![a-z]{3}))[^/]*|(?<=\/)(?:data|info|utils?|helpers?|managers?)(?=[./])/gi,
      ([word]) => `the name ${word} says nothing`
    ),
    ...findings(
      path,
      code(text),
      /[\w$]*(?:Manager|Helper|Util(?:s|ity)?(?![a-z]))[\w$]*|(?<![\w$])(?:manager|helper|util)s?(?![\w$])/g,
      ([word]) => `the name ${word} says nothing`
    )
  ])

/** The test of these rules plants retired words, their table lists them, and decisions say why they were retired. */
const UNWORDED: ReadonlySet<string> = new Set(["test/tidy.test.ts", "CONTRIBUTING.md", "docs/decisions.md"])

const isProgram = (path: string) => /\.(?:[mc]?[jt]s)$/.test(path)
const isDocument = (path: string) => path.endsWith(".md")
/** What the rules on words and prose look at. */
const worded = (files: Files): ReadonlyArray<readonly [path: string, text: string]> =>
  [...files].filter(([path]) => !UNWORDED.has(path) && (isProgram(path) || isDocument(path)))

type Retired = { readonly word: string; readonly instead: string; readonly kind: string }

/** The rows of the table "Retired words" in CONTRIBUTING.md. */
export const retiredWords = (files: Files): ReadonlyArray<Retired> =>
  [...(files.get("CONTRIBUTING.md") ?? "").matchAll(/^\| `([^`]+)` \| (.+?) \| (value|word|name|meaning) \|$/gm)].map(
    ([, word, instead, kind]) => ({ word: word!, instead: instead!, kind: kind! })
  )

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

/**
 * Values are looked for in quotes, words in prose, names among identifiers and in paths. A `meaning` cannot be looked
 * for.
 */
export const noRetiredWords: Rule = (files) => {
  const retired = retiredWords(files)
  return worded(files).flatMap(([path, text]) => {
    const [written, names] = isProgram(path) ? [prose(text), code(text)] : [text, ""]
    return retired.flatMap(({ word, instead, kind }) => {
      const what = () => `${word}: write ${instead}`
      const isPath = /[/.]/.test(word)
      switch (kind) {
        case "value":
          return findings(path, text, new RegExp(`(["'\`])${literal(word)}\\1`, "g"), what)
        case "word":
          return findings(path, written, new RegExp(`(?<![\\w-])${literal(word)}(?![\\w-])`, "gi"), what)
        case "name":
          return [
            ...findings(path, path, new RegExp(`(?:^|/)${literal(word)}(?:[/.]|$)`, "g"), what),
            ...(isPath ? [] : findings(path, names, new RegExp(`(?<![\\w$])${literal(word)}(?![\\w$])`, "g"), what))
          ]
        default:
          return []
      }
    })
  })
}

const PROSE_COLUMNS = 120

/**
 * Comments, and the paragraphs of documents. Tables, code blocks, and lines without a place to break are left alone.
 */
export const proseIsNarrow: Rule = (files) =>
  worded(files).flatMap(([path, text]) => {
    let isCode = false
    return lines(text).flatMap((line, i) => {
      if (isDocument(path) && /^\s*```/.test(line)) isCode = !isCode
      const isProse = isProgram(path) ? /^\s*(?:\/\/|\/\*|\*)/.test(line) : !isCode && !line.startsWith("|")
      const canBreak = line.trim().slice(0, PROSE_COLUMNS).includes(" ", 4)
      return isProse && canBreak && line.length > PROSE_COLUMNS
        ? [`${path}:${i + 1} has ${line.length} columns; prose has ${PROSE_COLUMNS}`]
        : []
    })
  })

export const nothingPutOff: Rule = (files) =>
  sources(files).flatMap(([path, text]) =>
    findings(path, text, /\b(?:FIXME|TODO|XXX|HACK)\b/g, ([word]) => `${word}: do it, or write an issue`)
  )

export const noTestIsOffOrAlone: Rule = (files) =>
  [...files]
    .filter(([path]) => /^(src|test)\/.*\.ts$/.test(path))
    .flatMap(([path, text]) =>
      findings(
        path,
        code(text),
        /\b(?:it|test|describe|suite|prop)(?:\.\w+)*\.(?:only|skip|todo)\b/g,
        ([word]) => `${word}: every test runs`
      )
    )

// ---------------------------------------------------------------- size and shape

const FILE_LINES = 300
const LINE_LENGTH = 160

/** Known longer files with their length. A number may only go down, and is removed below the limit. */
export const longFiles: ReadonlyMap<string, number> = new Map([])

export const filesStayShort =
  (known: ReadonlyMap<string, number>): Rule =>
  (files) =>
    sources(files).flatMap(([path, text]) => {
      const length = lines(text).length
      const limit = known.get(path) ?? FILE_LINES
      if (length > limit) return [`${path}:${length} has ${length} lines; its limit is ${limit}`]
      return known.has(path) && length < limit
        ? [`${path}:${length} has ${length} lines now: let its number in longFiles fall from ${limit}`]
        : []
    })

export const linesStayShort: Rule = (files) =>
  sources(files).flatMap(([path, text]) =>
    lines(text).flatMap((line, i) =>
      line.length > LINE_LENGTH ? [`${path}:${i + 1} has ${line.length} characters; ${LINE_LENGTH} are enough`] : []
    )
  )

export const everyFileSaysWhatItIs: Rule = (files) =>
  sources(files).flatMap(([path, text]) => (/^(?:#![^\n]*\n)?\/\*\*/.test(text) ? [] : [`${path}:1 does not begin with a doc comment`]))

// ---------------------------------------------------------------- the outside

interface Manifest {
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
}
const manifest = (files: Files): Manifest => JSON.parse(files.get("package.json") ?? "{}")

export const importsAreDeclared: Rule = (files) => {
  const { dependencies, peerDependencies } = manifest(files)
  const declared = Object.keys({ ...dependencies, ...peerDependencies })
  return sources(files).flatMap(([path, text]) =>
    imports(path, text).flatMap(({ line, specifier }) =>
      /^(\.|#|node:)/.test(specifier) || declared.includes(packageOf(specifier))
        ? []
        : [`${path}:${line} ${specifier} is not among the dependencies`]
    )
  )
}

export const dependenciesAreDecided: Rule = (files) => {
  const { dependencies, devDependencies } = manifest(files)
  const decisions = files.get("docs/decisions.md") ?? ""
  return Object.keys({ ...dependencies, ...devDependencies })
    .filter((name) => !decisions.includes(`\`${name}\``))
    .map((name) => `package.json:1 ${name} has no line in docs/decisions.md`)
}

/** `/root/…` is also a path in a tree, so only a hidden folder there is an offence. */
const elsewhere =
  /(?<![\w.@-])\/(?:work|home)\/|(?<![\w.@-])\/root\/\.|\bregistry\.[\w-]+\.\w+|\bnpmjs\.(?:org|com)|\bpypi\.org|\bcrates\.io|[\w-]*(?:artifactory|jfrog|verdaccio|nexus)[\w-]*\.[\w.-]+/g

export const nothingNamesAMachine: Rule = (files) =>
  [...files].flatMap(([path, text]) => findings(path, text, elsewhere, ([word]) => `${word} is a place outside this repository`))
