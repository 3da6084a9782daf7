/**
 * Another user may have put a state directory, or a link to one, where we look for ours. What listens in it would see
 * our requests, and its answers would be believed. So only what is ours is used, by root as well, who can become any
 * user. Each function throws a sentence. Where processes have no user (Windows) all is ours.
 */
import { lstatSync, readlinkSync, realpathSync, type Stats } from "node:fs"
import { dirname, join, parse, resolve, sep } from "node:path"

/** This folder is ours, and only we may write into it. */
export const mustBeOurs = (folder: string, it = "it"): void => {
  const stats = lstatSync(folder)
  if (!stats.isDirectory()) throw new Error(`${it} is not a folder`)
  const owner = otherOwner(stats)
  if (owner !== undefined) throw new Error(`${it} belongs to ${notUs(owner)}; run this as its owner, or name a folder of your own`)
  if ((stats.mode & 0o022) !== 0) throw new Error(`others may write into ${it}, and so could give orders; forbid that with chmod go-w`)
}

/** Every link on the way is ours or root's: another user's could lead anywhere. The path must exist. */
export const mustBeOurWay = (path: string): void => {
  const names = namesIn(path)
  let at = parse(path).root
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const here = join(at, name)
    const stats = lstatSync(here)
    if (stats.isSymbolicLink()) {
      const owner = otherOwner(stats)
      if (owner !== undefined && owner !== 0) throw new Error(`${here} is a link of ${notUs(owner)}, and is not followed; remove it`)
      const target = readlinkSync(here)
      names.unshift(...namesIn(target))
      at = resolve(at, parse(target).root)
    } else at = here
  }
}

/** A socket elsewhere, to which a link of ours leads: since we made the link, another user may have made the socket. */
export const mustBeOurSocket = (socket: string): void => {
  const path = realpathSync(socket)
  const owner = otherOwner(lstatSync(path))
  if (owner !== undefined) throw new Error(`its socket ${path} belongs to ${notUs(owner)}; remove it`)
  mustBeOurs(dirname(path), dirname(path))
}

const us = (): number | undefined => process.geteuid?.()
const otherOwner = ({ uid }: Stats): number | undefined => (us() === undefined || uid === us() ? undefined : uid)
const notUs = (owner: number): string => `user ${owner}, and this runs as user ${us()}`
/** Some may be empty, and lead nowhere else. */
const namesIn = (path: string): Array<string> => path.split(sep)
