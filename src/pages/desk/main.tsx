// The service desk: who a customer is and what they need, on one screen.

import '../foundation/base.css';
import '../foundation/signIn.css';
import './desk.css';
import { render } from 'preact';
import { App } from './app';

render(<App />, document.getElementById('app')!);
