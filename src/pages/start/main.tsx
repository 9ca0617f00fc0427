// The first page: signs a person in, greets by role, and leads to the pages of that role.

import '../foundation/base.css';
import '../foundation/signIn.css';
import { render } from 'preact';
import { App } from './app';

render(<App />, document.getElementById('app')!);
