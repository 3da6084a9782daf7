/** What stands at a path of a tree: of an instance of a pool, what the pool says of each. */
import type { Child, Tree } from "../../tree/Spec.ts"

export function specAt(tree: Tree, path: string): Child | undefined {
  const [root, ...ids] = path.slice(1).split("/")
  let node: Child | undefined = root === tree.id ? tree : undefined
  for (const id of ids) {
    if (node?.type === "pool") node = node.child
    else node = node?.type === "supervisor" ? node.children.find((child) => child.id === id) : undefined
  }
  return node
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/"))
