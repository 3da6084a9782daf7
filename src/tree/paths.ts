/** The paths of the nodes of a tree, a parent before its children. `*` stands for the instances of a pool. */
import type { Child, Tree } from "./Spec.ts"

export function pathsOf(tree: Tree): ReadonlyArray<string> {
  const paths: Array<string> = []
  const visit = (node: Child, path: string): void => {
    paths.push(path)
    if (node.type === "pool") visit(node.child, `${path}/*`)
    if (node.type === "supervisor") for (const child of node.children) visit(child, `${path}/${child.id}`)
  }
  visit(tree, `/${tree.id}`)
  return paths
}
