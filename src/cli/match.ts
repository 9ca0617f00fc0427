// npm run match: groups the records of a CSV file by person, without a database.

import { runFileCommand } from './fileCommand';
import { program } from './matchFile/program';

void runFileCommand(program);
