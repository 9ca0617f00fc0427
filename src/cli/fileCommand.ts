// Runs a command over files from a command line: messages to standard error, errors of its user as one line.

import { OperatorError } from '../refusals';

function print(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Runs `program` with the arguments of this process; an OperatorError is printed and ends it with code 1. */
export async function runFileCommand(
  program: (args: string[], print: (text: string) => void) => Promise<void>,
): Promise<void> {
  // A reader that has seen enough (`| head`) ends the program without an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await program(process.argv.slice(2), print);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    print(error.message);
    process.exitCode = 1;
  }
}
