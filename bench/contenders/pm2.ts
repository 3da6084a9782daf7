/** pm2, in the foreground and with a home of its own. It is found in PATH, or in the folder in the variable PM2. */
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { argument, type Contender, installed, launch } from "../contender.ts"

const find = (): string | undefined => {
  const named =
    process.env.PM2 === undefined ? [] : [join(process.env.PM2, "node_modules/.bin/pm2-runtime"), join(process.env.PM2, "pm2-runtime")]
  return named.find(existsSync) ?? installed("pm2-runtime")
}

export const pm2: Contender = {
  name: "pm2",
  title: "pm2",
  missing: () => (find() === undefined ? "pm2 is not here: `npm install --prefix FOLDER pm2`, and PM2=FOLDER." : undefined),
  // The command itself would create its home in ours.
  version: () => JSON.parse(readFileSync(resolve(realpathSync(find()!), "../../package.json"), "utf8")).version,
  start: (job) => {
    const file = join(job.room, "apps.json")
    const app = {
      name: "leaf",
      script: job.workspace.leaf,
      args: [argument(job)],
      interpreter: "none",
      exec_mode: "fork",
      instances: job.leaves,
      max_restarts: 1_000_000_000,
      min_uptime: 0,
      restart_delay: 0,
      out_file: "/dev/null",
      error_file: "/dev/null",
      pmx: false,
      vizion: false
    }
    writeFileSync(file, JSON.stringify({ apps: [app] }))
    return launch(job, process.execPath, [find()!, "start", file], { env: { PM2_HOME: join(job.room, "pm2") } })
  },
  stopSignal: "SIGTERM"
}
