/** The spec at a path. For an instance of a pool it is the template. */
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
