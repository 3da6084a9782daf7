/** Finds commands and folders that are not on this machine. Nothing is started. */
import { statSync } from "node:fs"
import { basename, resolve } from "node:path"
import { childEnvironment } from "../../leaf/os/environment.ts"
import { foreseenError } from "../../leaf/os/spawnErrors.ts"
import { commandsOf } from "../../sim/lint/commands.ts"
import { childrenOf } from "../../sim/lint/Finding.ts"
import { type Finding, findingsIn } from "../../sim/lint.ts"
import { withoutPasswords } from "../../tree/redact.ts"
import type { Child, Tree, Worker } from "../../tree/Spec.ts"
import { asCommand } from "../../tree/schema/workerFields.ts"

/** Every finding about a tree on this machine. `folder` is that of the tree file. */
export function findingsHere(tree: Tree, folder: string): ReadonlyArray<Finding> {
  const written = findingsIn(tree)
  const isKnown = ({ path, key }: Finding) => written.some((finding) => finding.path === path && finding.key === key)
  return [...written, ...missing(tree, folder).filter((finding) => !isKnown(finding))]
}

function missing(tree: Tree, folder: string): ReadonlyArray<Finding> {
  const findings: Array<Finding> = []
  /** Whether a job ran before that may have built what is missing now. */
  let afterJob = false
  const visit = (node: Child, path: string): void => {
    if (node.type !== "worker") {
      for (const child of childrenOf(node)) visit(child, `${path}/${child.id}`)
      return
    }
    findings.push(...missingFor(node, path, folder, afterJob))
    afterJob ||= node.ready.type === "exited"
  }
  visit(tree, `/${tree.id}`)
  return findings
}

function missingFor(worker: Worker, path: string, folder: string, afterJob: boolean): ReadonlyArray<Finding> {
  const cwd = resolve(folder, worker.cwd)
  const env = childEnvironment({ path, incarnation: 1, env: worker.env })
  const found = new Map<string, Finding>()
  for (const { key, argv } of commandsOf(worker)) {
    const [program = "", ...rest] = argv
    const error = foreseenError({ argv: [program, ...rest], cwd, env: worker.env }, env)
    if (error === undefined) continue
    const isFolder = error.errno === "BADCWD"
    const isMissing = isFolder || error.errno === "ENOENT"
    if (afterJob && isMissing && (isFolder || program.includes("/"))) continue
    const because = `it could not be started here: ${withoutPasswords(error.message)}.`
    const place = isFolder ? "cwd" : `${key}[0]`
    found.set(place, {
      path,
      key: place,
      because,
      advice: isFolder ? ofFolder(worker) : ofProgram(program, rest, isMissing, resolve(cwd, program))
    })
  }
  return [...found.values()]
}

const ofFolder = ({ cwd }: Worker): string =>
  cwd.startsWith("/") ? "Make it, or name another." : "Make it, or name another; a relative one begins at the folder of the tree file."

function ofProgram(program: string, rest: ReadonlyArray<string>, isMissing: boolean, file: string): string {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) return "Name a program in it."
  if (!isMissing) return "Make it executable, or name the program that runs it."
  const asList = /[\s|&;<>$`"'*?()]/.test(program) ? asCommand([program, ...rest].join(" ")) : undefined
  if (asList !== undefined) return `A command is a list of words: write ${withoutPasswords(asList)}.`
  if (!program.includes("/")) return `Install ${basename(program)}, or give its path.`
  return "Name one that is there; a relative path begins at its cwd."
}
