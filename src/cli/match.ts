// npm run match: groups the records of a CSV file by person, without a database.

import { OperatorError } from '../refusals';
import { program } from './matchFile/program';

function print(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function main(args: string[]): Promise<void> {
  // A reader that has seen enough (`| head`) ends the program without an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await program(args, print);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    print(error.message);
    process.exitCode = 1;
  }
}

void main(process.argv.slice(2));
