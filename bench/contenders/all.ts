/** All contenders, the two baselines first. */
import type { Contender } from "../contender.ts"
import { c } from "./c.ts"
import { daemontools } from "./daemontools.ts"
import { dinit } from "./dinit.ts"
import { erlang } from "./erlang.ts"
import { node, piped } from "./node.ts"
import { pm2 } from "./pm2.ts"
import { runit } from "./runit.ts"
import { s6 } from "./s6.ts"
import { built, embedded, pooled, portable, supervise } from "./supervise.ts"
import { supervisord } from "./supervisord.ts"

export const ours: ReadonlyArray<Contender> = [supervise, portable, pooled, built, embedded]
const baselines: ReadonlyArray<Contender> = [c, node, piped]
export const peers: ReadonlyArray<Contender> = [...baselines, s6, runit, daemontools, dinit, erlang, supervisord, pm2]

export const isPeer = (name: string): boolean => peers.some((one) => one.name === name && !baselines.includes(one))
