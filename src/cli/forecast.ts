// npm run forecast: forecasts, sums, order-up-to levels and returns from CSV files of any origin, without a database.

import { runFileCommand } from './fileCommand';
import { program } from './forecastFile/program';

void runFileCommand(program);
