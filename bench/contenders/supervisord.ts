/** supervisord: it checks its children once a second. */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { argument, type Contender, type Job, launch, needs } from "../contender.ts"

const settings = (job: Job): string => `[supervisord]
nodaemon=true
user=root
minfds=4096
logfile=/dev/null
logfile_maxbytes=0
loglevel=critical
pidfile=${join(job.room, "pid")}
childlogdir=${job.room}

[program:leaf]
command=${job.workspace.leaf} ${argument(job)}
process_name=%(process_num)d
numprocs=${job.leaves}
autorestart=true
startsecs=0
startretries=1000000000
stdout_logfile=NONE
stderr_logfile=NONE
`

export const supervisord: Contender = {
  name: "supervisord",
  title: "supervisord",
  missing: needs("supervisord", "supervisord", "apt-get install supervisor"),
  version: () => spawnSync("supervisord", ["--version"], { encoding: "utf8" }).stdout?.trim() || undefined,
  start: (job) => {
    const file = join(job.room, "supervisord.conf")
    writeFileSync(file, process.getuid?.() === 0 ? settings(job) : settings(job).replace("user=root\n", ""))
    return launch(job, "supervisord", ["-n", "-c", file])
  },
  stopSignal: "SIGTERM"
}
