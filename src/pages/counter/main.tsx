// The page of the counter.

import '../foundation/base.css';
import '../foundation/signIn.css';
import './counter.css';
import { render } from 'preact';
import { registerServiceWorker } from '../foundation/trusted';
import { App } from './app';

render(<App />, document.getElementById('app')!);
void registerServiceWorker('/counter/worker.js', '/counter');
