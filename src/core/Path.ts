/** Paths of nodes, such as `/root/workers/3`. */

/** The path of the supervisor above; empty for the root. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/"))

export const idOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

export const childOf = (parent: string, id: string): string => `${parent}/${id}`

/** The node itself, or anything below it. */
export const isWithin = (path: string, ancestor: string): boolean => path === ancestor || path.startsWith(`${ancestor}/`)
