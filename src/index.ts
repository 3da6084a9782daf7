export * from "./spec/constructors.ts"
export type * from "./spec/Spec.ts"
