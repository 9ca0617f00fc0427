// The demonstration shop, with the element comptoir-availability as any web shop has it.

import '../foundation/base.css';
import './shop.css';
import { render } from 'preact';
import { App } from './app';

render(<App />, document.getElementById('app')!);
