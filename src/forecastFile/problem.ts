// What is wrong with a file or a flag, in the one sentence that who typed it needs.

/** Shown without a stack; the program ends with code 1. */
export class InputProblem extends Error {}
