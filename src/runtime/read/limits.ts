/**
 * How many decisions of the whole tree are kept. A removed child is known as long as its last decision is among them.
 */
export const DECISIONS_KEPT = 1000
