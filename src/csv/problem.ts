// A file that cannot be read or written; the message is one sentence for the person who named the file.

/** Shown without a stack; the program ends with code 1. */
export class FileProblem extends Error {
  override name = 'FileProblem';
}
