// The page of planners: what needs a decision today, and the proposals of replenishment.

import '../foundation/base.css';
import '../foundation/signIn.css';
import './planner.css';
import './grid.css';
import { render } from 'preact';
import { App } from './app';

render(<App />, document.getElementById('app')!);
