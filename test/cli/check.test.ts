/** What `supervise check` finds on this machine: programs and folders that are not there. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { exec, pool, type SupervisorSpec, supervisor, worker } from "supervise"
import { beforeEach, expect, it } from "vitest"
import { findingsHere } from "../../src/cli/check/findingsHere.ts"
import { decodeTreeOrThrow } from "../../src/tree/decode.ts"
import { supervise, treeFile } from "../runtime/command.ts"
import { temporaryFolder } from "../runtime/processes.ts"

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
  mkdirSync(join(folder, "app/bin"), { recursive: true })
  const program = (name: string, text: string, mode: number) => {
    writeFileSync(join(folder, "app", name), text)
    chmodSync(join(folder, "app", name), mode)
  }
  program("bin/serve", "#!/bin/sh\n", 0o755)
  program("bin/old", "#!/nowhere/perl\n", 0o755)
  program("bin/plain", "#!/bin/sh\n", 0o644)
  program("bin/two words", "#!/bin/sh\n", 0o755)
})

const shop = (...children: SupervisorSpec["children"]) => supervisor({ id: "shop", children })
const web = worker({ id: "web", start: ["sh"], cwd: "app" })
const found = (tree: SupervisorSpec) =>
  findingsHere(decodeTreeOrThrow(tree), folder).map(({ path, key, because, advice }) =>
    `${path} ${key}: ${because} ${advice}`.replaceAll(folder, "DIR")
  )
const notStarted = (place: string, what: string) => `${place}: it could not be started here: ${what}`

it.each<[what: string, tree: () => SupervisorSpec, findings: ReadonlyArray<string>]>([
  ["programs that are there", () => shop({ ...web, start: ["bin/serve"] }, worker({ id: "b", start: ["sh"] })), []],
  ["a program with a space in its path", () => shop({ ...web, start: ["bin/two words"] }), []],
  ["a program in the PATH of its own, relative to its cwd", () => shop({ ...web, start: ["serve"], env: { PATH: "bin" } }), []],
  [
    "a program that is not on PATH",
    () => shop({ ...web, start: ["nosuchprogram", "x"] }),
    [notStarted("/shop/web start[0]", 'the command "nosuchprogram" was not found in PATH. Install nosuchprogram, or give its path.')]
  ],
  [
    "one that is not on a PATH of its own",
    () => shop({ ...web, env: { PATH: "/nowhere" } }),
    [notStarted("/shop/web start[0]", 'the command "sh" was not found in the PATH that its env sets. Install sh, or give its path.')]
  ],
  [
    "a path without a file, relative to its cwd",
    () => shop({ ...web, cwd: ".", start: ["bin/serve"] }),
    [
      notStarted(
        "/shop/web start[0]",
        'the command "bin/serve" was not found: there is no such file. Name one that is there; a relative path begins at its cwd.'
      )
    ]
  ],
  [
    "a file that is not executable",
    () => shop({ ...web, start: ["./bin/plain"] }),
    [
      notStarted(
        "/shop/web start[0]",
        "DIR/app/bin/plain is not executable (see chmod +x). Make it executable, or name the program that runs it."
      )
    ]
  ],
  [
    "a folder",
    () => shop({ ...web, start: ["./bin"] }),
    [notStarted("/shop/web start[0]", "DIR/app/bin is a folder. Name a program in it.")]
  ],
  [
    "a script without its interpreter",
    () => shop({ ...web, start: ["bin/old"] }),
    [
      notStarted(
        "/shop/web start[0]",
        "the interpreter /nowhere/perl, named in the first line of DIR/app/bin/old, was not found. Name one that is there; a relative path begins at its cwd."
      )
    ]
  ],
  [
    "a command in one text",
    () => shop({ ...web, start: ["node web.js"] }, worker({ id: "b", start: ["a | b", "c"] })),
    [
      notStarted(
        "/shop/web start[0]",
        'the command "node web.js" was not found in PATH. A command is a list of words: write ["node","web.js"].'
      ),
      notStarted(
        "/shop/b start[0]",
        'the command "a | b" was not found in PATH. A command is a list of words: write ["sh", "-c", "a | b c"].'
      )
    ]
  ],
  [
    "a folder that is not there, once for all commands in it",
    () => shop({ ...web, cwd: "nofolder", health: exec(["sh"]) }),
    [
      notStarted(
        "/shop/web cwd",
        "its folder DIR/nofolder does not exist. Make it, or name another; a relative one begins at the folder of the tree file."
      )
    ]
  ],
  [
    "the commands of checks, in pools too",
    () => shop(pool({ id: "jobs", size: 2, child: { ...web, health: exec(["nosuchcheck"]) } })),
    [
      notStarted(
        "/shop/jobs/web health.command[0]",
        'the command "nosuchcheck" was not found in PATH. Install nosuchcheck, or give its path.'
      )
    ]
  ],
  [
    "what a job before it may build, but no program on PATH",
    () =>
      shop(
        worker({ id: "build", start: ["sh"], restart: "transient", ready: "exited" }),
        worker({ id: "a", start: ["./built"] }),
        worker({ id: "b", start: ["sh"], cwd: "built" }),
        worker({ id: "c", start: ["nosuchprogram"] })
      ),
    [notStarted("/shop/c start[0]", 'the command "nosuchprogram" was not found in PATH. Install nosuchprogram, or give its path.')]
  ],
  [
    "a folder that only a shell would find, once",
    () => shop({ ...web, cwd: "~/app", start: ["$HOME/bin/web"] }),
    [
      '/shop/web start[0]: "$HOME" is taken as it stands: no shell replaces it. Write what it stands for, which a tree.ts finds in process.env.HOME, or run a shell: ["sh", "-c", "exec …"].',
      '/shop/web cwd: "~" is taken as it stands: no shell replaces it. Write what it stands for, which a tree.ts finds in process.env.HOME.'
    ]
  ]
])("%s", (_, tree, findings) => expect(found(tree())).toEqual(findings))

it("warnings are printed on stderr and do not fail a check, except with --strict", async () => {
  const file = treeFile(shop({ ...web, start: ["nosuchprogram"] }), folder)
  const lenient = supervise(["check", file])
  expect(await lenient.code).toBe(0)
  expect(lenient.stderr).toMatch(/^\/shop\/web {2}start\[0\]: it could not be started here: .*\n$/)
  const strict = supervise(["check", "--strict", file])
  expect(await strict.code).toBe(65)
  expect(strict.stdout).toBe(lenient.stdout)
  expect(strict.stderr).toBe(`${lenient.stderr}1 warning, and --strict allows none.\n`)
  const faultless = supervise(["check", "--strict", treeFile(shop(web), folder)])
  expect(await faultless.code).toBe(0)
  expect(faultless.stderr).toBe("")
})
