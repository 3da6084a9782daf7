/** Every tree file that is none gets its sentence on stderr, and exit code 65. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { files, folder } from "./brokenFiles.ts"

describe("the command line", () => {
  it.concurrent.each(files)("says what is wrong with %s on stderr, and exits with 65", async (file, because) => {
    const command = [fileURLToPath(new URL("../../bin/supervise.js", import.meta.url)), join(folder, file)]
    const { status, stdout, stderr } = await runs(process.execPath, command)
    expect({ status, stdout, stderr: stderr.replaceAll(`${folder}/`, "") }).toEqual({
      status: 65,
      stdout: "",
      stderr: `${file} is not a tree I can run: ${because}\n`
    })
  })
})

const runs = (command: string, args: ReadonlyArray<string>) =>
  new Promise<{ readonly status: unknown; readonly stdout: string; readonly stderr: string }>((done) => {
    execFile(command, args, (error, stdout, stderr) => done({ status: error === null ? 0 : error.code, stdout, stderr }))
  })
