/** What writes the output of a program to files: the keeper, those of the peers that add time stamps, and a copy. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { supervisor, worker } from "../src/tree/constructors.ts"
import { type Contender, type Job, launch } from "./contender.ts"

const bin = resolve(import.meta.dirname, "../bin/program.js")
/** All rotate, and keep, as much. None compresses, as only we could. */
const FILE_BYTES = 16 * 1024 * 1024
const FILES = 10

type Start = (job: Job, writer: ReadonlyArray<string>) => ReturnType<Contender["start"]>

/** By the name of the contender that has it. */
export const loggers: ReadonlyMap<string, Start> = new Map<string, Start>([
  ["c", piped(({ workspace, room }) => [workspace.compiled("copy"), join(room, "log")])],
  ["s6", piped(({ room }) => ["s6-log", "T", `s${FILE_BYTES}`, `n${FILES}`, join(room, "log")])],
  ["runit", piped(({ room }) => ["svlogd", "-tt", folder(room, `s${FILE_BYTES}\nn${FILES}\n`)])],
  ["daemontools", piped(({ room }) => ["multilog", "t", `s${FILE_BYTES}`, `n${FILES}`, join(room, "log")])],
  ["supervise", keeper]
])

/** The shell makes the pipe: one that Node makes is a socket. */
function piped(logger: (job: Job) => ReadonlyArray<string>): Start {
  return (job, writer) => launch(job, "sh", ["-c", `${[...writer, "|", ...logger(job)].join(" ")}`])
}

function keeper(job: Job, [program, ...args]: ReadonlyArray<string>): ReturnType<Contender["start"]> {
  const file = join(job.room, "tree.json")
  const logs = { size: "16 MiB", keep: FILES, compress: false } as const
  writeFileSync(file, JSON.stringify(supervisor({ id: "bench", children: [worker({ id: "writer", start: [program!, ...args], logs })] })))
  return launch(job, process.execPath, [bin, "--json", "--spawner", "keeper", file])
}

function folder(room: string, config: string): string {
  const log = join(room, "log")
  mkdirSync(log)
  writeFileSync(join(log, "config"), config)
  return log
}
