/** All contenders, the two baselines first. */
import type { Contender } from "../contender.ts"
import { c } from "./c.ts"
import { erlang } from "./erlang.ts"
import { node, piped } from "./node.ts"
import { pm2 } from "./pm2.ts"
import { runit } from "./runit.ts"
import { s6 } from "./s6.ts"
import { built, embedded, pooled, supervise } from "./supervise.ts"
import { supervisord } from "./supervisord.ts"

export const ours: ReadonlyArray<Contender> = [supervise, pooled, built, embedded]
export const peers: ReadonlyArray<Contender> = [c, node, piped, s6, runit, erlang, supervisord, pm2]
