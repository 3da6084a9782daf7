/** The house rules, each a pure function from the files of the repository to the list of offences, `file:line what`. */
import { posix } from "node:path"
import { code, type Files, findings, imports, isSource, packageOf, sources } from "./source.ts"

export type Rule = (files: Files) => ReadonlyArray<string>

const lines = (text: string) => text.replace(/\n$/, "").split("\n")

// ---------------------------------------------------------------- who may know whom

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

/** What the package offers to the world; these see all rooms, and no room sees them. */
export const faces = ["src/index.ts", "src/client.ts", "src/notify/notify.ts", "src/testing.ts", "src/fast-check.ts"]
/** What is started by name and not by an import. */
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

/** A cheap look: the name stands in another file of src, test, supervisors or examples, or a face exports all of its file. */
export const everyExportIsUsed: Rule = (files) => {
  const users = new Map<string, Set<string>>()
  for (const [path, text] of files) {
    if (!/^(src|test|supervisors|examples)\/.*\.ts$/.test(path)) continue
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

// ---------------------------------------------------------------- what may stand in which room

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

/** A stored −1 and a signal becomes one to every process there is: so one file sends signals, and it looks first. */
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

/** Longer files that are known, with their length. A number here may only fall, and goes when it is below the limit. */
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
